//! Runs the scenarios and writes the page of their figures.
//!
//! `cargo run --release -p zmq-reliability -- all --report docs/reliability.md`

use std::env;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::{Parser, Subcommand};
use zmq_reliability::{Result, Scenario, Size, Values, Verdict, peer, report, scenarios};

/// Faults and load: what zmq survives, measured.
#[derive(Parser)]
#[command(name = "zmq-reliability")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Lists the scenarios and their parameters.
    List,
    /// Runs these scenarios; `name=value` sets a parameter of all of them.
    Run {
        /// Scenarios, and settings such as `kills=20`.
        #[arg(required = true)]
        what: Vec<String>,
        #[command(flatten)]
        how: How,
    },
    /// Runs all scenarios.
    All {
        #[command(flatten)]
        how: How,
    },
}

#[derive(clap::Args)]
struct How {
    /// Runs them as the tests do.
    #[arg(long)]
    short: bool,
    /// Writes the figures into the table of this page.
    #[arg(long)]
    report: Option<PathBuf>,
}

fn main() -> ExitCode {
    // The scenarios and their peers are this program, too.
    peer::perform_and_exit(&env::args().skip(1).collect::<Vec<_>>());
    let result = match Arguments::parse().command {
        Command::List => {
            list();
            Ok(true)
        }
        Command::Run { what, how } => run(&what, &how),
        Command::All { how } => run_these(scenarios::ALL, &Values::default(), &how),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn list() {
    for scenario in scenarios::ALL {
        println!("{}\n    {}", scenario.name, scenario.promise);
        for parameter in scenario.parameters {
            println!(
                "    {}={} (in the tests {})",
                parameter.name, parameter.long, parameter.short
            );
        }
    }
}

fn run(what: &[String], how: &How) -> Result<bool> {
    let (settings, names): (Vec<_>, Vec<_>) = what.iter().cloned().partition(|w| w.contains('='));
    let mut wanted = Vec::new();
    for name in &names {
        wanted.push(*scenarios::named(name).ok_or_else(|| format!("no scenario {name}"))?);
    }
    run_these(&wanted, &Values::parse(&settings)?, how)
}

/// Whether no promise was broken.
fn run_these(wanted: &[Scenario], given: &Values, how: &How) -> Result<bool> {
    let program = env::current_exe()?;
    let size = if how.short { Size::Short } else { Size::Long };
    let mut good = true;
    for scenario in wanted {
        print!("{} … ", scenario.name);
        std::io::stdout().flush()?;
        let start = Instant::now();
        match scenario.run(&program, size, given)? {
            Verdict::Kept(mut figures) => {
                println!("{figures}");
                figures.note("in all", format!("{:.0} s", start.elapsed().as_secs_f64()));
                if let Some(page) = &how.report {
                    report::write(page, scenario, &figures, &command(scenario, given, how))?;
                }
            }
            Verdict::Skipped(reason) => println!("skipped: {reason}"),
            Verdict::Broken(reason) => {
                println!("BROKEN: {reason}");
                good = false;
            }
        }
    }
    Ok(good)
}

/// The command that measures the same again.
fn command(scenario: &Scenario, given: &Values, how: &How) -> String {
    let mut words = vec!["cargo run --release -p zmq-reliability -- run".to_owned()];
    words.push(scenario.name.to_owned());
    words.extend(given.settings());
    words.extend(how.short.then(|| "--short".to_owned()));
    words.join(" ")
}
