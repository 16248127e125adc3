//! `tfguard imports`: what is created under a unique name and may exist already, as `import` blocks or commands.
//!
//! Without an inventory everything is printed that could exist, with what is not known in angle brackets. With one, what
//! exists is printed, with its id. Terraform itself is not asked: sources say nothing of the state, plans do.

mod print;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::{ImportsArgs, InputArg};
use crate::discover::{Target, Targets};
use crate::error::Error;
use crate::eval::Mode;
use crate::inventory::Inventory;
use crate::plan::{Existence, Plan};
use crate::report::Report;
use crate::rule::{Context, Environment, Surroundings};
use crate::rules::creation::{Creation, Found, Id, Name, creations};
use crate::run::{self, Readers, Root};
use crate::secret::{self, Withheld};
use crate::source::Sources;

/// Everything that may be imported, with what is needed to print it.
struct Imports {
    /// What is planned was read from a plan, which knows the state.
    from_plan: bool,
    has_inventory: bool,
    /// `terraform -chdir=… import -var-file=…`
    command: String,
    entries: Vec<Entry>,
}

/// One creation.
struct Entry {
    address: Arc<crate::address::ResourceAddress>,
    /// The address as it may be shown.
    shown: String,
    unique: &'static crate::provider::unique::Unique,
    name: Result<String, &'static str>,
    id: Id,
    standing: Standing,
}

/// What is known of an object.
enum Standing {
    /// It may exist: nobody looked.
    Possible,
    /// It exists.
    Exists,
    /// It exists, and is being deleted.
    Leaving,
    /// Several exist; these are their ids.
    Several(Vec<String>),
    Absent,
    NotListed,
    /// The name is made so that it is free.
    Generated,
    /// For this reason nobody can say.
    Unknown(String),
}

/// The text to print, and what could not be read.
pub fn imports(arguments: &ImportsArgs, chdir: Option<&Path>) -> (String, Report) {
    let readers = Readers::new();
    let mut report = readers.report();
    let inventory = run::inventory(&arguments.inventory, &mut report);
    let mut found = readers.discover_at(arguments.path.as_deref(), &arguments.inputs);
    readers.report_settings(&mut report);
    let planned = look(arguments, &readers, &mut found);
    report.stopped(&found.errors);
    let mut text = String::new();
    if let Some(planned) = planned {
        report.add_problems(&planned.plan);
        let found = Imports {
            from_plan: planned.root.is_none(),
            has_inventory: inventory.is_some(),
            command: command(&planned, arguments, chdir),
            entries: entries(&planned.plan, inventory.as_ref(), &readers.sources),
        };
        text = print::print(&found, arguments.format);
    }
    report.sort();
    (text, report)
}

/// What is planned, and from where.
struct Planned {
    plan: Plan,
    /// The root module and the variables files that were found for it.
    root: Option<(PathBuf, Vec<PathBuf>)>,
}

fn look(arguments: &ImportsArgs, readers: &Readers, found: &mut Targets) -> Option<Planned> {
    if found.targets.len() > 1 {
        found.errors.push(several(arguments, &found.targets));
        return None;
    }
    match found.targets.pop()? {
        Target::Evidence { path, content } => {
            match run::Evidence::read(&path, &content, &readers.sources) {
                Ok(evidence) => Some(Planned {
                    plan: evidence.plan,
                    root: None,
                }),
                Err(error) => {
                    found.errors.push(error);
                    None
                }
            }
        }
        Target::Root {
            folder, var_files, ..
        } => {
            let root = Root {
                folder: &folder,
                var_files: &var_files,
                given: &arguments.inputs,
                mode: Mode::Judging,
            };
            let (_, plan) = root.evaluate(readers, &mut found.errors);
            Some(Planned {
                plan,
                root: Some((folder, var_files)),
            })
        }
    }
}

fn several(arguments: &ImportsArgs, targets: &[Target]) -> Error {
    let names = targets.iter().map(|target| match target {
        Target::Root {
            folder, var_files, ..
        } => var_files.last().unwrap_or(folder),
        Target::Evidence { path, .. } => path,
    });
    Error::SeveralEnvironments {
        folder: arguments.path.clone().unwrap_or_else(|| ".".into()),
        names: names.map(|path| format!("`{}`", path.display())).collect(),
    }
}

fn entries(plan: &Plan, inventory: Option<&Inventory>, sources: &Sources) -> Vec<Entry> {
    let environment = Environment {
        name: "".into(),
        production: true,
    };
    let parameters = BTreeMap::new();
    let around = Surroundings {
        inventory,
        ..Surroundings::of_texts(&[], sources)
    };
    let cx = Context::new(plan, &environment, &around, &parameters);
    let mut secrets = Withheld::default();
    secrets.add(plan.secret_texts());
    let found = creations(&cx);
    let mut entries: Vec<Entry> = found
        .iter()
        .map(|creation| entry(&cx, creation, inventory))
        .collect();
    for entry in &mut entries {
        entry.withhold(&secrets);
    }
    entries
}

fn entry(cx: &Context<'_>, creation: &Creation<'_>, inventory: Option<&Inventory>) -> Entry {
    let mut standing = match inventory {
        Some(inventory) => standing(&creation.found(cx, inventory)),
        None if creation.name == Name::Generated => Standing::Generated,
        None => Standing::Possible,
    };
    if creation.resource.existence == Existence::ZeroOrMore {
        standing = Standing::Unknown("how many there will be is not known".to_owned());
    }
    let name = match &creation.name {
        Name::Known(name) => Ok(name.clone()),
        Name::Withheld => Err("its name derives from something sensitive"),
        Name::Generated | Name::Open(_) => Err("its name is not known before the apply"),
    };
    Entry {
        shown: creation.resource.address.to_string(),
        address: Arc::clone(&creation.resource.address),
        unique: creation.unique,
        id: creation.id(cx, inventory),
        name,
        standing,
    }
}

fn standing(found: &Found<'_>) -> Standing {
    match found {
        Found::Exists(existing) if existing.iter().all(|one| one.leaving) => Standing::Leaving,
        Found::Exists(existing) if existing.len() == 1 => Standing::Exists,
        Found::Exists(existing) => {
            let ids = existing.iter().filter_map(|one| one.id.as_deref());
            Standing::Several(ids.map(str::to_owned).collect())
        }
        Found::Absent => Standing::Absent,
        Found::NotListed => Standing::NotListed,
        Found::Generated => Standing::Generated,
        Found::Open(causes) => {
            let why = causes.iter().next().map(ToString::to_string);
            Standing::Unknown(
                why.unwrap_or_else(|| "it derives from something sensitive".to_owned()),
            )
        }
    }
}

impl Entry {
    /// A secret in the place of a name, or as a part of it, is not printed.
    fn withhold(&mut self, secrets: &Withheld) {
        let name = self.name.as_deref().unwrap_or_default().to_owned();
        let texts = [name, self.id.text.clone(), self.shown.clone()];
        let any = |is: &dyn Fn(&str) -> bool| texts.iter().any(|text| is(text));
        let why = if any(&|text| !secret::detect(text).is_empty()) {
            "it looks like a credential"
        } else if any(&|text| secrets.is_in(text)) {
            "it is made with a secret"
        } else {
            return;
        };
        self.shown = secret::withhold(&secrets.without(&self.shown)).into_owned();
        self.name = Err(why);
        self.id = Id {
            text: "<withheld>".to_owned(),
            is_known: false,
        };
        self.standing = Standing::Unknown(why.to_owned());
    }
}

/// `terraform -chdir=… import -var-file=…`: an import evaluates the configuration, and needs its variables.
fn command(planned: &Planned, arguments: &ImportsArgs, chdir: Option<&Path>) -> String {
    let quoted = |text: String| {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-=".contains(c);
        if text.chars().all(is_plain) {
            text
        } else {
            crate::rules::creation::quoted(&text)
        }
    };
    let (folder, files) = match &planned.root {
        Some((folder, files)) => (folder.as_path(), files.as_slice()),
        None => (Path::new("."), &[][..]),
    };
    let whole = chdir.map_or_else(|| folder.to_path_buf(), |above| above.join(folder));
    let mut words = vec!["terraform".to_owned()];
    let plain: PathBuf = whole.components().collect();
    if plain.as_os_str().is_empty() || plain == Path::new(".") {
        // It is run where it stands.
    } else {
        let plain = plain.strip_prefix(".").unwrap_or(&plain);
        words.push(quoted(format!("-chdir={}", plain.display())));
    }
    words.push("import".to_owned());
    let from_root = |file: &Path| -> PathBuf {
        let below = file.strip_prefix(folder).ok();
        let here = folder == Path::new(".");
        match below {
            Some(below) => below.to_path_buf(),
            None if here => file.to_path_buf(),
            None => std::path::absolute(file).unwrap_or_else(|_| file.to_path_buf()),
        }
    };
    let file = |path: &Path| quoted(format!("-var-file={}", from_root(path).display()));
    words.extend(files.iter().map(|path| file(path)));
    for given in &arguments.inputs.ordered {
        words.push(match given {
            InputArg::File(path) => file(path),
            // Its value may be a credential.
            InputArg::Var(text) => {
                let name = text.split('=').next().unwrap_or_default();
                crate::rules::creation::quoted(&format!("-var={name}=<value>"))
            }
        });
    }
    words.join(" ")
}
