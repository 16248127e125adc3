//! What the user typed. What it means is for [`crate::settings`] to say.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{
    ArgMatches, Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand, ValueEnum,
};

/// Proves, before anything is applied, that a Terraform configuration keeps the promises of its runbook.
#[derive(Debug, Parser)]
#[command(
    name = "tfguard",
    version,
    max_term_width = 100,
    disable_help_subcommand = true
)]
pub struct Cli {
    /// Works in another folder, as Terraform's option of that name does
    #[arg(long, global = true, value_name = "DIR")]
    pub chdir: Option<PathBuf>,
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Evaluates the evidence, runs every rule, and reports
    Check(CheckArgs),
    /// Prints the evaluated configuration in the shape of `terraform show -json`
    Show(ShowArgs),
    /// Tells where a value comes from, why there are so many instances, or which way a request takes
    Why(WhyArgs),
    /// Prints the page of a rule
    Explain {
        /// The rule's id
        rule: String,
    },
    /// Prints `import` blocks for what is created and may exist already
    Imports(ImportsArgs),
    /// Writes a commented `tfguard.hcl` from what it finds
    Init(InitArgs),
    /// Lists the rules
    Rules {
        /// How
        #[arg(long, value_enum, default_value_t = ListFormat::Human)]
        format: ListFormat,
    },
}

/// Where the variables' values come from.
#[derive(Debug, Args)]
pub struct InputArgs {
    /// Sets a variable, as Terraform's option of that name does
    #[arg(long = "var", value_name = "NAME=VALUE")]
    pub vars: Vec<String>,
    /// Reads variables from a file, as Terraform's option of that name does
    #[arg(long = "var-file", value_name = "FILE")]
    pub var_files: Vec<PathBuf>,
    /// `-var` and `-var-file` in the order of the command line: the later one wins
    #[arg(skip)]
    pub ordered: Vec<InputArg>,
    /// The workspace that `terraform.workspace` names; left out, the one that Terraform would be in
    #[arg(long, value_name = "NAME")]
    pub workspace: Option<String>,
}

/// One of `-var` and `-var-file`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum InputArg {
    /// `-var name=value`
    Var(String),
    /// `-var-file file`
    File(PathBuf),
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Variables files, folders, `.tf` files, plans; `-` is standard input. The kind is found by content
    #[arg(value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// The variables
    #[command(flatten)]
    pub inputs: InputArgs,
    /// The environment's name, which otherwise the variables or file names tell
    #[arg(long, value_name = "NAME", value_parser = name)]
    pub environment: Option<String>,
    /// The day by which waivers are judged: for tests
    #[arg(long, value_name = "YYYY-MM-DD", hide = true, value_parser = day)]
    pub today: Option<jiff::civil::Date>,
    /// The root module that a plan was made from: findings then point into its files
    #[arg(long, value_name = "DIR")]
    pub source: Option<PathBuf>,
    /// What exists already, as the AWS CLI lists it in JSON: creations of the same names are found
    #[arg(long, value_name = "FILE")]
    pub inventory: Vec<PathBuf>,
    /// The level from which findings fail the run
    #[arg(long, value_enum, default_value_t = FailOn::Error, value_name = "LEVEL")]
    pub fail_on: FailOn,
    /// What an undecided rule of that level does
    #[arg(long, value_enum, default_value_t = Undecided::Fail, value_name = "WHAT")]
    pub undecided: Undecided,
    /// How to report
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    /// Findings only
    #[arg(short, long, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Also what passed, and what was not applicable and why
    #[arg(short, long)]
    pub verbose: bool,
}

/// Arguments of `show`.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// A variables file, a folder or a plan
    #[arg(value_name = "PATH")]
    pub path: Option<PathBuf>,
    /// The variables
    #[command(flatten)]
    pub inputs: InputArgs,
}

/// Arguments of `imports`.
#[derive(Debug, Args)]
pub struct ImportsArgs {
    /// A variables file, a folder with one environment, or a plan
    #[arg(value_name = "PATH")]
    pub path: Option<PathBuf>,
    /// The variables
    #[command(flatten)]
    pub inputs: InputArgs,
    /// What exists already, as the AWS CLI lists it in JSON: only that is printed, with its id
    #[arg(long, value_name = "FILE")]
    pub inventory: Vec<PathBuf>,
    /// How to print them
    #[arg(long, value_enum, default_value_t = ImportsFormat::Blocks)]
    pub format: ImportsFormat,
}

/// Arguments of `init`.
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The folder that the file is for: a root module, or one above several
    #[arg(value_name = "DIR", default_value = ".")]
    pub folder: PathBuf,
    /// Prints it instead
    #[arg(long)]
    pub stdout: bool,
}

/// Arguments of `why`.
#[derive(Debug, Args)]
pub struct WhyArgs {
    /// An address with an attribute or not (`aws_lb.main.name`, `var.region`, `local.port`, `output.url`,
    /// `module.api.url`), or a URL with a method before it or not
    #[arg(value_name = "WHAT")]
    pub question: String,
    /// A variables file, a folder or a plan
    #[arg(value_name = "PATH")]
    pub path: Option<PathBuf>,
    /// The variables
    #[command(flatten)]
    pub inputs: InputArgs,
    /// The root module that a plan was made from
    #[arg(long, value_name = "DIR")]
    pub source: Option<PathBuf>,
    /// How to answer
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
}

/// Levels to fail on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Everything that is found
    Info,
    /// Warnings and errors
    Warning,
    /// Errors only
    Error,
}

/// What undecided does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Undecided {
    /// Fails the run, as a violation of the same level would
    Fail,
    /// Is reported, and does not fail the run
    Warn,
    /// Is counted only
    Allow,
}

/// Formats of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For a terminal
    Human,
    /// For programs
    Json,
}

/// Formats of imports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ImportsFormat {
    /// `import` blocks for a `.tf` file
    Blocks,
    /// Lines of `terraform import` for a shell
    Commands,
    /// For programs
    Json,
}

/// Formats of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ListFormat {
    /// A table
    Human,
    /// For programs
    Json,
}

impl Cli {
    /// Reads the command line. Terraform writes its options with one dash; both ways are taken.
    ///
    /// # Errors
    /// What clap says of wrong usage, and what it prints for `--help` and `--version`.
    pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<Self, clap::Error> {
        let arguments = arguments.into_iter().map(two_dashes);
        let matches = Self::command()
            .try_get_matches_from(arguments)
            .map_err(suggest_check)?;
        let mut cli = Self::from_arg_matches(&matches)?;
        if let Some((_, matches)) = matches.subcommand() {
            match &mut cli.command {
                Command::Check(check) => check.inputs.order(matches),
                Command::Show(show) => show.inputs.order(matches),
                Command::Why(why) => why.inputs.order(matches),
                Command::Imports(imports) => imports.inputs.order(matches),
                Command::Explain { .. } | Command::Init(_) | Command::Rules { .. } => {}
            }
        }
        Ok(cli)
    }
}

impl InputArgs {
    fn order(&mut self, matches: &ArgMatches) {
        let at = |id: &str| {
            matches
                .indices_of(id)
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
        };
        let vars = at("vars")
            .into_iter()
            .zip(self.vars.iter().cloned().map(InputArg::Var));
        let files = at("var_files")
            .into_iter()
            .zip(self.var_files.iter().cloned().map(InputArg::File));
        let mut all: Vec<(usize, InputArg)> = vars.chain(files).collect();
        all.sort_by_key(|(at, _)| *at);
        self.ordered = all.into_iter().map(|(_, one)| one).collect();
    }
}

/// `tfguard env/prod.tfvars` forgets the command.
fn suggest_check(mut error: clap::Error) -> clap::Error {
    let typed = match (error.kind(), error.get(ContextKind::InvalidSubcommand)) {
        (ErrorKind::InvalidSubcommand, Some(ContextValue::String(typed))) => typed.clone(),
        _ => return error,
    };
    if Path::new(&typed).exists() {
        let tip = format!("to check it: 'tfguard check {typed}'");
        error.insert(
            ContextKind::Suggested,
            ContextValue::StyledStrs(vec![tip.into()]),
        );
    }
    error
}

fn name(text: &str) -> Result<String, &'static str> {
    match text.trim() {
        "" => Err("an environment has a name"),
        name => Ok(name.to_owned()),
    }
}

fn day(text: &str) -> Result<jiff::civil::Date, &'static str> {
    crate::waiver::day::parse(text).ok_or("a day is written `YYYY-MM-DD`")
}

fn two_dashes(argument: OsString) -> OsString {
    const TERRAFORM: [&str; 3] = ["-var", "-var-file", "-chdir"];
    match argument.to_str() {
        Some(text) if TERRAFORM.contains(&text.split('=').next().unwrap_or(text)) => {
            format!("-{text}").into()
        }
        _ => argument,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terraform_habits_work() {
        let line = "tfguard -chdir=x check -var a=1 -var-file=f --var b=2 -";
        let cli = Cli::read(line.split(' ').map(OsString::from)).unwrap();
        assert_eq!(cli.chdir, Some(PathBuf::from("x")));
        let Command::Check(check) = cli.command else {
            panic!("not check")
        };
        let expected = [
            InputArg::Var("a=1".into()),
            InputArg::File("f".into()),
            InputArg::Var("b=2".into()),
        ];
        assert_eq!(check.inputs.ordered, expected);
        assert_eq!(check.paths, [PathBuf::from("-")]);
    }

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
