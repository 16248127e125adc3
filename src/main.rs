//! The binary: parse the arguments, run, print, exit. No logic lives here.

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use tfguard::cli::{
    CheckArgs, Cli, Command, Format, ImportsArgs, InitArgs, ListFormat, ShowArgs, WhyArgs,
};
use tfguard::report::{Report, Style, Terminal, Verbosity};
use tfguard::{catalogue, defect, imports, init, run, show};

/// A plan is many small values, made on several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let code = defect::guard(run_command).unwrap_or_else(|defect| {
        complain(&defect.to_string());
        run::ExitCode::Defect
    });
    ExitCode::from(code as u8)
}

fn run_command() -> run::ExitCode {
    let cli = match Cli::read(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => {
            let code = if error.use_stderr() {
                run::ExitCode::Unreadable
            } else {
                run::ExitCode::Holds
            };
            return finish(error.print(), code);
        }
    };
    if let Some(folder) = &cli.chdir
        && let Err(reason) = std::env::set_current_dir(folder)
    {
        complain(&format!(
            "error: cannot work in `{}`: {reason}",
            folder.display()
        ));
        return run::ExitCode::Unreadable;
    }
    match cli.command {
        Command::Check(arguments) => check(&arguments),
        Command::Show(arguments) => show(&arguments),
        Command::Why(arguments) => why(arguments),
        Command::Imports(arguments) => imports(&arguments, cli.chdir.as_deref()),
        Command::Init(arguments) => init(&arguments),
        Command::Explain { rule } => explain(&rule),
        Command::Rules { format } => list(format),
    }
}

fn check(arguments: &CheckArgs) -> run::ExitCode {
    let report = run::check(arguments);
    let code = run::exit_code(&report, arguments.fail_on, arguments.undecided);
    let mut out = io::BufWriter::new(io::stdout().lock());
    let written = match arguments.format {
        Format::Human => {
            let terminal = Terminal::of_stdout();
            let verbosity = match (arguments.quiet, arguments.verbose) {
                (true, _) => Verbosity::Quiet,
                (_, true) => Verbosity::Verbose,
                _ => Verbosity::Normal,
            };
            report.write_human(
                &mut out,
                &Style {
                    handler: &*terminal.handler(),
                    terminal,
                    verbosity,
                },
            )
        }
        Format::Json => report.write_json(&mut out),
    };
    finish(written.and_then(|()| out.flush()), code)
}

/// What could not be read is told on standard error: standard output is for programs.
fn show(arguments: &ShowArgs) -> run::ExitCode {
    let (shown, report) = run::show(arguments.path.as_deref(), &arguments.inputs);
    let code = run::exit_code_of_errors(&report);
    complain_of(&report);
    let Some(shown) = shown else { return code };
    let json = show::show(&shown.plan, shown.config.as_deref(), shown.secrets);
    let mut out = io::BufWriter::new(io::stdout().lock());
    let written = serde_json::to_writer(&mut out, &json).map_err(io::Error::from);
    finish(
        written
            .and_then(|()| writeln!(out))
            .and_then(|()| out.flush()),
        code,
    )
}

fn imports(arguments: &ImportsArgs, chdir: Option<&Path>) -> run::ExitCode {
    let (text, report) = imports::imports(arguments, chdir);
    let code = run::exit_code_of_errors(&report);
    complain_of(&report);
    finish(write!(io::stdout(), "{text}"), code)
}

fn init(arguments: &InitArgs) -> run::ExitCode {
    let written = match init::write(arguments) {
        Ok(written) => written,
        Err(error) => {
            complain(&Report::plain(&error));
            return run::ExitCode::Unreadable;
        }
    };
    finish(write!(io::stdout(), "{written}"), run::ExitCode::Holds)
}

/// What could not be read stands before an answer for people, and in an answer for programs.
fn why(arguments: WhyArgs) -> run::ExitCode {
    let format = arguments.format;
    let (told, report) = run::why(arguments);
    let code = run::exit_code_of_errors(&report);
    let mut out = io::BufWriter::new(io::stdout().lock());
    let written = match format {
        Format::Human => {
            let terminal = Terminal::of_stdout();
            let style = Style {
                handler: &*terminal.handler(),
                terminal,
                verbosity: Verbosity::Quiet,
            };
            report.write_why_human(&mut out, &style, &told)
        }
        Format::Json => report.write_why_json(&mut out, &told),
    };
    finish(written.and_then(|()| out.flush()), code)
}

fn explain(name: &str) -> run::ExitCode {
    match catalogue::find(name) {
        Ok(rule) => finish(
            writeln!(io::stdout(), "{}", rule.page.trim_end()),
            run::ExitCode::Holds,
        ),
        Err(error) => {
            complain(&Report::plain(&error));
            run::ExitCode::Unreadable
        }
    }
}

fn list(format: ListFormat) -> run::ExitCode {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let written = match format {
        ListFormat::Human => catalogue::write_table(&mut out),
        ListFormat::Json => catalogue::write_json(&mut out),
    };
    finish(written.and_then(|()| out.flush()), run::ExitCode::Holds)
}

/// A reader that went away, such as `head`, does not change what was found.
fn finish(written: io::Result<()>, code: run::ExitCode) -> run::ExitCode {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            complain(&format!("error: cannot write: {error}"));
            run::ExitCode::Unreadable
        }
        _ => code,
    }
}

/// Says on standard error what a report has.
fn complain_of(report: &Report) {
    let terminal = Terminal {
        color: false,
        ..Terminal::of_stdout()
    };
    let style = Style {
        handler: &*terminal.handler(),
        terminal,
        verbosity: Verbosity::Quiet,
    };
    // If nobody listens, the exit code still tells.
    let _ = report.write_human(&mut io::stderr(), &style);
}

/// Says what went wrong; if nobody listens, the exit code still tells.
fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}
