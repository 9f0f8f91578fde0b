//! Makes a pair of CURVE keys and writes its certificate: a public file to give away, and a secret one
//! beside it that only its owner can read.
//!
//! `cargo run --example curve_keygen -- alice.txt --meta name=Alice --meta email=alice@example.org`

use std::error::Error;
use std::path::PathBuf;

use clap::Parser;
use zmq::curve::Certificate;

/// Makes a pair of CURVE keys and writes its certificate.
#[derive(Parser)]
struct Arguments {
    /// The public file; the secret one has `_secret` behind its name.
    #[arg(default_value = "mycert.txt")]
    path: PathBuf,

    /// Something to say about the owner; can be given several times.
    #[arg(long = "meta", value_name = "NAME=VALUE", value_parser = pair)]
    metadata: Vec<(String, String)>,

    /// Replaces files that are there already.
    #[arg(long)]
    force: bool,
}

fn pair(argument: &str) -> Result<(String, String), &'static str> {
    let (name, value) = argument.split_once('=').ok_or("there is no `=` in it")?;
    Ok((name.trim().into(), value.trim().into()))
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments = Arguments::parse();
    let public = arguments.path;
    let mut secret = public.clone().into_os_string();
    secret.push("_secret");
    let secret = PathBuf::from(secret);

    for path in [&public, &secret] {
        // Also a link that leads nowhere is there.
        if !arguments.force && path.symlink_metadata().is_ok() {
            return Err(format!("{} is there; --force replaces it", path.display()).into());
        }
    }

    let mut certificate = Certificate::new()?;
    for (name, value) in &arguments.metadata {
        certificate.set_meta(name, value)?;
    }
    certificate.save(&public)?;

    println!("public key  {}", certificate.public_key());
    println!("public      {}", public.display());
    println!("secret      {}", secret.display());
    Ok(())
}
