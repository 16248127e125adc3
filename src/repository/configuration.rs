//! The settings of git that tell how it reads a repository: the system's, the user's, the repository's own and those of
//! the environment, each with what it includes.

use std::path::{Path, PathBuf};

use gix_config::file::{Metadata, includes, init};
use gix_config::path::interpolate;
use gix_config::{File, Source};
use gix_index::hash::Kind as HashKind;

/// The settings that hold in a repository.
#[derive(Clone, Debug)]
pub(super) struct Configuration {
    /// Whether names that differ in case only are the same.
    pub(super) ignores_case: bool,
    /// The list of what is ignored in every repository of the user.
    pub(super) excludes: Option<PathBuf>,
    /// How the repository names its objects.
    pub(super) hash: HashKind,
}

impl Configuration {
    /// `git` is where the index is, `common` what all worktrees share; relative paths begin at `top`.
    pub(super) fn of(top: &Path, git: &Path, common: &Path) -> Self {
        let home = home();
        let layers = Layers::read(home.as_deref(), git, common);
        let excludes = match layers.strongest(|file| file.path("core.excludesFile")) {
            Some(path) => path.interpolate(interpolation(home.as_deref())).ok(),
            None => usual_excludes(home.as_deref()),
        };
        let format = layers.strongest(|file| file.string("extensions.objectFormat"));
        let of_sha256 = format.is_some_and(|format| format.eq_ignore_ascii_case(b"sha256"));
        Self {
            ignores_case: layers.says("core.ignoreCase"),
            excludes: excludes.map(|path| top.join(path)),
            hash: if of_sha256 {
                HashKind::Sha256
            } else {
                HashKind::Sha1
            },
        }
    }
}

/// As git takes it: from the environment alone, but on Windows.
fn home() -> Option<PathBuf> {
    let set = std::env::var_os("HOME").map(PathBuf::from);
    set.or_else(|| std::env::home_dir().filter(|_| cfg!(windows)))
}

/// The list that is read where the settings name none.
fn usual_excludes(home: Option<&Path>) -> Option<PathBuf> {
    let set = std::env::var_os("XDG_CONFIG_HOME").filter(|folder| !folder.is_empty());
    let folder = set
        .map(PathBuf::from)
        .or_else(|| Some(home?.join(".config")))?;
    Some(folder.join("git/ignore"))
}

/// The files of settings, the weakest first. One that cannot be read says nothing.
struct Layers(Vec<File>);

impl Layers {
    fn read(home: Option<&Path>, git: &Path, common: &Path) -> Self {
        let reader = Reader { git, home };
        let general = [Source::System, Source::Git, Source::User];
        let general = general.into_iter().filter_map(|source| {
            let place = source.storage_location(&mut |name| std::env::var_os(name))?;
            reader.read(source, &place)
        });
        let mut layers = Self(general.collect());
        let own = reader.read(Source::Local, &common.join("config"));
        layers.0.extend(own);
        if layers.says("extensions.worktreeConfig") {
            let of_worktree = reader.read(Source::Worktree, &git.join("config.worktree"));
            layers.0.extend(of_worktree);
        }
        layers.0.extend(File::from_environment_overrides().ok());
        layers
    }

    fn strongest<T>(&self, read: impl Fn(&File) -> Option<T>) -> Option<T> {
        self.0.iter().rev().find_map(read)
    }

    fn says(&self, key: &str) -> bool {
        self.strongest(|file| file.boolean(key).ok().flatten()) == Some(true)
    }
}

/// Reads one file with what it includes.
struct Reader<'a> {
    git: &'a Path,
    home: Option<&'a Path>,
}

impl Reader<'_> {
    fn read(&self, source: Source, place: &Path) -> Option<File> {
        let conditional = includes::conditional::Context {
            git_dir: Some(self.git),
            branch_name: None,
        };
        let follow = includes::Options::follow(interpolation(self.home), conditional);
        let alone = includes::Options::no_follow();
        // What cannot be included leaves the file itself.
        [follow, alone].into_iter().find_map(|includes| {
            let metadata = Metadata::from(source).at(place);
            let options = init::Options {
                includes,
                ..init::Options::default()
            };
            let mut only = std::iter::once(metadata);
            File::from_paths_metadata_buf(&mut only, &mut Vec::new(), false, options).ok()?
        })
    }
}

fn interpolation(home: Option<&Path>) -> interpolate::Context<'_> {
    interpolate::Context {
        git_install_dir: None,
        home_dir: home,
        home_for_user: Some(interpolate::home_for_user),
    }
}
