//! The machine that the build runs on.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use crate::{
    discover::{Link, Machine, PkgConfig, VERSION_PROBE, Version},
    variable,
};

pub(crate) struct ThisMachine {
    /// Where probes are written.
    pub(crate) out_dir: PathBuf,
}

impl Machine for ThisMachine {
    fn is_dir(&self, path: &Path) -> bool {
        path.is_dir()
    }

    fn is_file(&self, path: &Path) -> bool {
        path.is_file()
    }

    fn pkg_config(&self, statically: bool) -> Result<PkgConfig, String> {
        let mut config = pkg_config::Config::new();
        // Nothing is said to cargo until the library is known to fit.
        config.cargo_metadata(false);
        if statically {
            config.statik(true);
        }
        let library = config.probe("libzmq").map_err(explain)?;

        let sysroot = variable("PKG_CONFIG_SYSROOT_DIR");
        // pkg-config leaves the directories of the system out of its flags.
        let dirs = |name: &str, flags: Vec<PathBuf>| {
            let stated = pkg_config::get_variable("libzmq", name)
                .ok()
                .filter(|dir| !dir.is_empty());
            let below_sysroot = sysroot
                .as_ref()
                .zip(stated.as_ref())
                .map(|(sysroot, dir)| Path::new(sysroot).join(dir.trim_start_matches('/')));
            let stated = stated.map(PathBuf::from);
            below_sysroot
                .into_iter()
                .chain(stated)
                .chain(flags)
                .collect()
        };
        Ok(PkgConfig {
            include_dirs: dirs("includedir", library.include_paths),
            lib_dirs: dirs("libdir", library.link_paths),
            libraries: library.libs,
        })
    }

    fn header_version(&self, header: &Path) -> Result<Version, String> {
        let probe = self.out_dir.join("version.c");
        // By its whole path, lest another directory of the compiler have a `zmq.h` too.
        let header = header.display().to_string().replace('\\', "/");
        fs::write(&probe, format!("#include \"{header}\"\n{VERSION_PROBE}\n"))
            .map_err(|error| format!("{}: {error}", probe.display()))?;
        let text = cc::Build::new()
            .cargo_warnings(false)
            .file(&probe)
            .try_expand()
            .map_err(|error| error.to_string())?;
        Version::from_preprocessed(&String::from_utf8_lossy(&text))
            .ok_or_else(|| "it states no version".to_owned())
    }

    fn links(&self, link: &Link, functions: &[&str]) -> Result<(), String> {
        let probe = self.out_dir.join("links.c");
        let declarations: String = functions
            .iter()
            .map(|name| format!("extern void {name} (void);\n"))
            .collect();
        let calls: String = functions
            .iter()
            .map(|name| format!(" {name} ();"))
            .collect();
        fs::write(
            &probe,
            format!("{declarations}int main (void)\n{{{calls} return 0; }}\n"),
        )
        .map_err(|error| format!("{}: {error}", probe.display()))?;

        let compiler = cc::Build::new()
            .cargo_warnings(false)
            .try_get_compiler()
            .map_err(|error| error.to_string())?;
        let mut command = compiler.to_command();
        command.current_dir(&self.out_dir).arg(&probe);
        if compiler.is_like_msvc() {
            command
                .arg("/Fe:links.exe")
                .arg(format!("{}.lib", link.name));
            command.args(link.others.iter().map(|other| format!("{other}.lib")));
            command.arg("/link");
            command.args(
                link.directories
                    .iter()
                    .map(|dir| format!("/LIBPATH:{}", dir.display())),
            );
        } else {
            command.args(["-o", "links.out"]);
            command.args(
                link.directories
                    .iter()
                    .map(|dir| format!("-L{}", dir.display())),
            );
            let archive = format!("lib{}.a", link.name);
            let archive = link.directories.iter().map(|dir| dir.join(&archive));
            match { archive }.find(|path| link.statically && path.is_file()) {
                Some(path) => command.arg(path),
                None => command.arg(format!("-l{}", link.name)),
            };
            command.args(link.others.iter().map(|other| format!("-l{other}")));
        }
        let output = command
            .output()
            .map_err(|error| format!("{command:?}: {error}"))?;
        if output.status.success() {
            return Ok(());
        }
        // Compilers speak on stderr, and MSVC on stdout.
        let said = [output.stderr, output.stdout].concat();
        Err(String::from_utf8_lossy(&said).trim().to_owned())
    }
}

/// pkg-config's own words: those of the crate are many, and partly about the crate.
fn explain(error: pkg_config::Error) -> String {
    match &error {
        pkg_config::Error::Failure { output, .. }
        | pkg_config::Error::ProbeFailure { output, .. } => {
            let said = String::from_utf8_lossy(&output.stderr);
            let said: Vec<_> = said.lines().map(str::trim).collect();
            said.join(" ")
        }
        pkg_config::Error::Command { command, cause } => format!("{command}: {cause}"),
        _ => error.to_string(),
    }
}

/// Where libsodium is, as the crate `libsodium-sys-stable` tells, or those that it was told to use.
pub(crate) fn sodium() -> Result<zeromq_src::LibLocation, String> {
    let told = |name: &str| {
        env::var(name)
            .ok()
            .filter(|dir| !dir.is_empty())
            .map(PathBuf::from)
    };
    let system = |name: &str| {
        let dir = pkg_config::get_variable("libsodium", name).ok()?;
        Some(PathBuf::from(dir))
    };
    // The crate says nothing of directories that the compiler knows anyhow.
    let lib_dir = told("DEP_SODIUM_LIB")
        .or_else(|| variable("SODIUM_LIB_DIR").map(PathBuf::from))
        .or_else(|| system("libdir"))
        .ok_or("the directory of libsodium is not known")?;
    let include_dir = told("DEP_SODIUM_INCLUDE")
        .or_else(|| {
            Some(lib_dir.parent()?.join("include")).filter(|dir| dir.join("sodium.h").is_file())
        })
        .or_else(|| system("includedir"))
        .ok_or("the directory of sodium.h is not known")?;

    let msvc = env::var("CARGO_CFG_TARGET_ENV").is_ok_and(|env| env == "msvc");
    let library = lib_dir.join(if msvc { "libsodium.lib" } else { "libsodium.a" });
    for file in [library, include_dir.join("sodium.h")] {
        if !file.is_file() {
            return Err(format!("{} is not there", file.display()));
        }
    }
    Ok(zeromq_src::LibLocation::new(lib_dir, include_dir))
}
