//! Files of ipc endpoints that cannot be.

use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use zmq::{Context, ErrorKind, MonitorEvents};

use super::namespace::{command, starter};
use crate::peer::{Peer, end_with_parent, patient, tell};
use crate::{Figures, LONG, Parameter, Result, Scenario, Values, ensure};

pub(super) const SCENARIO: Scenario = Scenario {
    name: "ipc-files",
    promise: "A bind on a full disk, without permission or in no directory is an error that names \
              the endpoint, and the socket can be bound elsewhere; a connect goes on trying until \
              it is permitted.",
    parameters: PARAMETERS,
    body: run,
};

const PARAMETERS: &[Parameter] = &[];

fn run(_: &Values, figures: &mut Figures) -> Result {
    let folder = tempfile::tempdir()?;
    let path = folder.path().to_str().ok_or("a path in UTF-8")?;
    let full = starter(&["-Urm"])?;
    let full = Peer::start_by(&full, "full", &[path])?.good_end()?;

    // Nobody is root there, not even root.
    let open = Context::new()?;
    let server = patient(open.socket(zmq::PULL)?)?;
    let locked = folder.path().join("locked");
    fs::create_dir(&locked)?;
    server.bind(&format!("ipc://{}/socket", locked.display()))?;
    fs::set_permissions(&locked, Permissions::from_mode(0o000))?;
    let mut forbidden = Peer::start_by(&starter(&["-U"])?, "forbidden", &[path])?;
    let mut lines = Vec::new();
    loop {
        let line = forbidden.expect_line()?;
        if line == "waiting" {
            break;
        }
        lines.push(line);
    }
    fs::set_permissions(&locked, Permissions::from_mode(0o700))?;
    ensure!(server.recv()? == "permitted at last", "another message");
    forbidden.tell("it came")?;
    forbidden.good_end()?;

    figures.note("errors", full.len() + lines.len());
    for line in full.iter().chain(&lines) {
        let (what, error) = line.split_once('\t').ok_or("an error is told")?;
        figures.note(what, error);
    }
    Ok(())
}

/// Binds where it cannot be, then elsewhere.
fn refused(what: &str, directory: &Path, elsewhere: &Path) -> Result<ErrorKind> {
    let context = Context::new()?;
    let server = patient(context.socket(zmq::PULL)?)?;
    let endpoint = format!("ipc://{}/socket", directory.display());
    let Err(error) = server.bind(&endpoint) else {
        return Err(format!("{what}: {endpoint} was bound").into());
    };
    ensure!(
        error.call() == "zmq_bind" && error.subject() == Some(&*endpoint),
        "{error} does not name {endpoint}"
    );
    tell(format!("{what}\t{}", error.kind()))?;
    // The socket is as good as before.
    let endpoint = format!("ipc://{}/{what}", elsewhere.display());
    server.bind(&endpoint)?;
    let client = patient(context.socket(zmq::PUSH)?)?;
    client.connect(&endpoint)?;
    client.send("hello")?;
    ensure!(server.recv()? == "hello", "another message");
    Ok(error.kind())
}

/// In a namespace where disks can be mounted: one that is full, one that is read only.
pub(super) fn full(arguments: &[String]) -> Result {
    let [folder] = arguments else {
        return Err("full FOLDER".into());
    };
    end_with_parent();
    let folder = Path::new(folder);
    let disk = folder.join("disk");
    fs::create_dir(&disk)?;
    command(&format!(
        "mount -t tmpfs -o size=64k,nr_inodes=3 small {}",
        disk.display()
    ))?;
    let file = |number: usize| disk.join(number.to_string());
    let files = (0..10)
        .take_while(|n| File::create(file(*n)).is_ok())
        .count();
    ensure!(files < 10, "the disk has no end");
    let kind = refused("full disk", &disk, folder)?;
    ensure!(kind == ErrorKind::Other(libc::ENOSPC), "{kind:?}");
    fs::remove_file(file(0))?;
    let context = Context::new()?;
    let server = context.socket(zmq::PULL)?;
    server.bind(&format!("ipc://{}/socket", disk.display()))?;
    drop(server);
    context.terminate()?;
    fs::remove_file(disk.join("socket"))?; // libzmq leaves it
    command(&format!("mount -o remount,ro {}", disk.display()))?;
    let kind = refused("read-only disk", &disk, folder)?;
    ensure!(kind == ErrorKind::Other(libc::EROFS), "{kind:?}");
    let kind = refused("no directory", &folder.join("none"), folder)?;
    ensure!(kind == ErrorKind::NotFound, "{kind:?}");
    let kind = refused("file as directory", &disk.join("1"), folder)?;
    ensure!(kind == ErrorKind::Other(libc::ENOTDIR), "{kind:?}");
    Ok(())
}

/// In a namespace without any rights of root.
pub(super) fn forbidden(arguments: &[String]) -> Result {
    let [folder] = arguments else {
        return Err("forbidden FOLDER".into());
    };
    let lines = end_with_parent();
    let folder = Path::new(folder);
    let locked = folder.join("locked");
    let kind = refused("no permission", &locked, folder)?;
    ensure!(kind == ErrorKind::PermissionDenied, "{kind:?}");
    let context = Context::new()?;
    let client = patient(context.socket(zmq::PUSH)?)?;
    client.set_reconnect_ivl(Duration::from_millis(10))?;
    let monitor = client.monitor(MonitorEvents::CONNECT_RETRIED)?;
    client.connect(&format!("ipc://{}/socket", locked.display()))?;
    client.send("permitted at last")?;
    for _ in 0..3 {
        ensure!(monitor.recv_timeout(LONG)?.is_some(), "it does not try");
    }
    tell("waiting")?;
    lines.recv_timeout(LONG)?;
    Ok(())
}
