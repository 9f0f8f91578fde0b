//! The bindings agree with the header that was found and with the library that is linked: a C
//! program prints sizes, alignments, offsets and values, and these are compared with Rust's.

use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::c_int,
    fmt::Write as _,
    fs,
    hint::black_box,
    mem::{align_of, offset_of, size_of},
    path::Path,
    process::Command,
};

#[cfg(not(feature = "bindgen"))]
mod text {
    pub(super) const STABLE: &str = include_str!("../src/bindings/stable.rs");
    pub(super) const DRAFT: &str = include_str!("../src/bindings/draft.rs");
}
#[cfg(feature = "bindgen")]
mod text {
    pub(super) const STABLE: &str = include_str!(concat!(env!("OUT_DIR"), "/stable.rs"));
    pub(super) const DRAFT: &str = include_str!(concat!(env!("OUT_DIR"), "/draft.rs"));
}

const ERRNO: &str = include_str!("../src/errno.rs");

/// The bindings that are compiled in.
fn bindings() -> String {
    let draft = if cfg!(feature = "draft") {
        text::DRAFT
    } else {
        ""
    };
    format!("{}\n{draft}", text::STABLE)
}

/// Draft constants that came with libzmq 4.3.5.
const SINCE_4_3_5: [&str; 17] = [
    "ZMQ_BUSY_POLL",
    "ZMQ_HICCUP_MSG",
    "ZMQ_XSUB_VERBOSE_UNSUBSCRIBE",
    "ZMQ_TOPICS_COUNT",
    "ZMQ_NORM_MODE",
    "ZMQ_NORM_UNICAST_NACK",
    "ZMQ_NORM_BUFFER_SIZE",
    "ZMQ_NORM_SEGMENT_SIZE",
    "ZMQ_NORM_BLOCK_SIZE",
    "ZMQ_NORM_NUM_PARITY",
    "ZMQ_NORM_NUM_AUTOPARITY",
    "ZMQ_NORM_PUSH",
    "ZMQ_NORM_FIXED",
    "ZMQ_NORM_CC",
    "ZMQ_NORM_CCL",
    "ZMQ_NORM_CCE",
    "ZMQ_NORM_CCE_ECNONLY",
];

/// Compiles a C program against the header that was found, and returns what it prints.
fn run_c(body: &str) -> String {
    let dir = tempfile::tempdir().unwrap();
    let source = dir.path().join("probe.c");
    let program = dir
        .path()
        .join(if cfg!(windows) { "probe.exe" } else { "probe" });
    let header = Path::new(env!("ZMQ_SYS_INCLUDE")).join("zmq.h");
    let draft = if cfg!(feature = "draft") {
        "#define ZMQ_BUILD_DRAFT_API 1\n"
    } else {
        ""
    };
    let text = format!(
        "{draft}#include \"{}\"\n#include <errno.h>\n#include <stddef.h>\n#include <stdio.h>\n\
         int main (void)\n{{\n{body}return 0;\n}}\n",
        header.display().to_string().replace('\\', "/")
    );
    fs::write(&source, &text).unwrap();

    let compiler = cc::Build::new()
        .target(env!("ZMQ_SYS_TARGET"))
        .host(env!("ZMQ_SYS_HOST"))
        .opt_level(0)
        .out_dir(dir.path())
        .cargo_metadata(false)
        .get_compiler();
    let mut command = compiler.to_command();
    command.current_dir(dir.path()).arg(&source);
    if compiler.is_like_msvc() {
        command.arg(format!("/Fe:{}", program.display()));
    } else {
        command.arg("-o").arg(&program);
    }
    let compiled = command.output().unwrap();
    assert!(compiled.status.success(), "{compiled:?}\n{text}");
    let ran = Command::new(&program).output().unwrap();
    assert!(ran.status.success(), "{ran:?}");
    String::from_utf8(ran.stdout).unwrap()
}

/// Lines of a name and a value, as the programs here print them.
fn table(text: &str) -> BTreeMap<String, String> {
    let rows = text.lines().map(|line| line.split_once(' ').unwrap());
    rows.map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// The names after such a keyword in the bindings.
fn names(code: &str, keyword: &str) -> BTreeSet<String> {
    let lines = code
        .lines()
        .filter_map(|line| line.trim_start().strip_prefix(keyword));
    let end = |c: char| !c.is_alphanumeric() && c != '_';
    lines
        .filter_map(|line| line.trim_start().split(end).next())
        .map(String::from)
        .collect()
}

fn set<const N: usize>(names: [&str; N]) -> BTreeSet<String> {
    let set: BTreeSet<_> = names.into_iter().map(String::from).collect();
    assert_eq!(set.len(), N, "a name is listed twice");
    set
}

/// A struct by name, with what Rust and C say about it.
struct Struct {
    name: &'static str,
    fields: &'static [&'static str],
    rust: Vec<usize>,
}

macro_rules! layout_of {
    ($name:ident { $($field:ident),* }) => {
        Struct {
            name: stringify!($name),
            fields: &[$(stringify!($field)),*],
            rust: vec![
                size_of::<zmq_sys::$name>(),
                align_of::<zmq_sys::$name>(),
                $(offset_of!(zmq_sys::$name, $field)),*
            ],
        }
    };
}

fn structs() -> Vec<Struct> {
    vec![
        layout_of!(zmq_pollitem_t {
            socket,
            fd,
            events,
            revents
        }),
        #[cfg(feature = "draft")]
        layout_of!(zmq_poller_event_t {
            socket,
            fd,
            user_data,
            events
        }),
        layout_of!(zmq_msg_t {}),
    ]
}

#[test]
fn structs_are_laid_out_as_in_c() {
    let structs = structs();
    let mut body = String::new();
    for Struct { name, fields, .. } in &structs {
        writeln!(body, "{{ struct aligned {{ char c; {name} t; }};").unwrap();
        write!(
            body,
            "printf (\"{name} %zu %zu\", sizeof ({name}), offsetof (struct aligned, t));"
        )
        .unwrap();
        for field in *fields {
            write!(body, "printf (\" %zu\", offsetof ({name}, {field}));").unwrap();
        }
        writeln!(body, "printf (\"\\n\"); }}").unwrap();
    }
    let c = table(&run_c(&body));
    for Struct { name, rust, .. } in &structs {
        let c: Vec<usize> = c[*name]
            .split(' ')
            .map(|number| number.parse().unwrap())
            .collect();
        assert_eq!(*rust, c, "{name}");
    }
}

#[test]
fn every_struct_and_field_is_compared() {
    let code = bindings();
    let structs = structs();
    let mut listed: BTreeSet<_> = structs.iter().map(|one| one.name.to_owned()).collect();
    // That one is written by hand, and its field is nobody's business.
    assert!(listed.remove("zmq_msg_t"));
    assert_eq!(listed, names(&code, "pub struct"));
    for Struct { name, fields, .. } in structs {
        let Some((_, rest)) = code.split_once(&format!("pub struct {name} {{")) else {
            continue;
        };
        let (inside, _) = rest.split_once('}').unwrap();
        let fields: BTreeSet<_> = fields.iter().map(|field| (*field).to_owned()).collect();
        assert_eq!(fields, names(inside, "pub"), "{name}");
    }
}

#[test]
fn zmq_fd_t_is_that_of_c() {
    let body = "printf (\"size %zu\\n\", sizeof (zmq_fd_t));\n\
                printf (\"signed %d\\n\", (zmq_fd_t) -1 < (zmq_fd_t) 0);\n";
    let c = table(&run_c(body));
    assert_eq!(c["size"], size_of::<zmq_sys::zmq_fd_t>().to_string());
    assert_eq!(c["signed"] == "1", cfg!(not(windows)));
}

/// The constants of the bindings: numbers as they are, texts in their quotes.
fn constants() -> BTreeMap<String, String> {
    let code = bindings();
    let lines = code
        .lines()
        .filter_map(|line| line.strip_prefix("pub const "));
    let constants: BTreeMap<String, String> = lines
        .map(|line| {
            let (name, rest) = line.split_once(": ").unwrap();
            let (_, value) = rest.trim_end_matches(';').split_once(" = ").unwrap();
            (name.to_owned(), value.trim_start_matches('c').to_owned())
        })
        .collect();
    assert_eq!(constants.len(), code.matches("pub const ").count());
    constants
}

#[test]
fn constants_have_the_values_of_the_header() {
    let mut rust = constants();
    for (name, value) in by_hand() {
        rust.insert(name.to_owned(), value.to_string());
    }
    let mut body = String::new();
    for (name, value) in &rust {
        let print = match value.starts_with('"') {
            true => format!("printf (\"{name} \\\"%s\\\"\\n\", {name});"),
            false => format!("printf (\"{name} %lld\\n\", (long long) ({name}));"),
        };
        writeln!(
            body,
            "#ifdef {name}\n{print}\n#else\nprintf (\"{name} absent\\n\");\n#endif"
        )
        .unwrap();
    }
    let c = table(&run_c(&body));
    let mut absent = BTreeSet::new();
    for (name, value) in &rust {
        if c[name] == "absent" {
            absent.insert(name.clone());
        } else {
            assert_eq!(*value, c[name], "{name}");
        }
    }
    let all_there = cfg!(zmq_4_3_5) || cfg!(not(feature = "draft"));
    let expected = if all_there || cfg!(feature = "bindgen") {
        set([])
    } else {
        set(SINCE_4_3_5)
    };
    assert_eq!(absent, expected);
}

/// The constants that are not generated.
fn by_hand() -> Vec<(&'static str, c_int)> {
    vec![
        ("ZMQ_VERSION", zmq_sys::ZMQ_VERSION),
        ("ZMQ_VERSION_MAJOR", zmq_sys::ZMQ_VERSION_MAJOR),
        ("ZMQ_VERSION_MINOR", zmq_sys::ZMQ_VERSION_MINOR),
        ("ZMQ_VERSION_PATCH", zmq_sys::ZMQ_VERSION_PATCH),
        #[cfg(feature = "draft")]
        (
            "ZMQ_RECONNECT_STOP_AFTER_DISCONNECT",
            zmq_sys::ZMQ_RECONNECT_STOP_AFTER_DISCONNECT,
        ),
    ]
}

macro_rules! numbers {
    ($($name:ident)*) => { [$((stringify!($name), zmq_sys::$name)),*] };
}

#[test]
fn error_numbers_are_those_of_c() {
    let rust = numbers![
        EFSM ENOCOMPATPROTO ETERM EMTHREAD ENOTSUP EPROTONOSUPPORT ENOBUFS ENETDOWN EADDRINUSE
        EADDRNOTAVAIL ECONNREFUSED EINPROGRESS ENOTSOCK EMSGSIZE EAFNOSUPPORT ENETUNREACH
        ECONNABORTED ECONNRESET ENOTCONN ETIMEDOUT EHOSTUNREACH ENETRESET EACCES EAGAIN EBADF
        EBUSY EEXIST EFAULT EINTR EINVAL EIO EMFILE ENAMETOOLONG ENFILE ENODEV ENOENT ENOMEM
        ENOSYS EPERM EPIPE EPROTO
    ];
    let mut body = String::new();
    for (name, _) in rust {
        writeln!(body, "printf (\"{name} %d\\n\", {name});").unwrap();
    }
    let c = table(&run_c(&body));
    for (name, number) in rust {
        assert_eq!(c[name], number.to_string(), "{name}");
    }

    let in_source = ERRNO.lines().filter_map(|line| line.strip_prefix("    E"));
    let in_source = in_source.filter_map(|line| line.split([' ', ';']).next());
    let in_source: BTreeSet<_> = in_source.map(|name| format!("E{name}")).collect();
    assert_eq!(in_source, set(rust.map(|(name, _)| name)));
}

macro_rules! addresses {
    ($($name:ident)*) => {
        [$((stringify!($name), black_box(zmq_sys::$name as *const ()))),*]
    };
}

#[test]
fn every_stable_function_is_in_the_library() {
    let functions = addresses![
        zmq_errno zmq_strerror zmq_version zmq_ctx_new zmq_ctx_term zmq_ctx_shutdown zmq_ctx_set
        zmq_ctx_get zmq_init zmq_term zmq_ctx_destroy zmq_msg_init zmq_msg_init_size
        zmq_msg_init_data zmq_msg_send zmq_msg_recv zmq_msg_close zmq_msg_move zmq_msg_copy
        zmq_msg_data zmq_msg_size zmq_msg_more zmq_msg_get zmq_msg_set zmq_msg_gets zmq_socket
        zmq_close zmq_setsockopt zmq_getsockopt zmq_bind zmq_connect zmq_unbind zmq_disconnect
        zmq_send zmq_send_const zmq_recv zmq_socket_monitor zmq_poll zmq_proxy zmq_proxy_steerable
        zmq_has zmq_device zmq_sendmsg zmq_recvmsg zmq_sendiov zmq_recviov zmq_z85_encode
        zmq_z85_decode zmq_curve_keypair zmq_curve_public zmq_atomic_counter_new
        zmq_atomic_counter_set zmq_atomic_counter_inc zmq_atomic_counter_dec
        zmq_atomic_counter_value zmq_atomic_counter_destroy zmq_timers_new zmq_timers_destroy
        zmq_timers_add zmq_timers_cancel zmq_timers_set_interval zmq_timers_reset
        zmq_timers_timeout zmq_timers_execute zmq_stopwatch_start zmq_stopwatch_intermediate
        zmq_stopwatch_stop zmq_sleep zmq_threadstart zmq_threadclose
    ];
    assert_eq!(
        set(functions.map(|(name, _)| name)),
        names(text::STABLE, "pub fn")
    );
    assert!(functions.iter().all(|(_, address)| !address.is_null()));
}

#[cfg(feature = "draft")]
#[test]
fn every_draft_function_is_in_the_library() {
    let functions = addresses![
        zmq_ctx_set_ext zmq_ctx_get_ext zmq_join zmq_leave zmq_connect_peer zmq_msg_set_routing_id
        zmq_msg_routing_id zmq_msg_set_group zmq_msg_group zmq_msg_init_buffer zmq_poller_new
        zmq_poller_destroy zmq_poller_size zmq_poller_add zmq_poller_modify zmq_poller_remove
        zmq_poller_wait zmq_poller_wait_all zmq_poller_fd zmq_poller_add_fd zmq_poller_modify_fd
        zmq_poller_remove_fd zmq_socket_get_peer_state zmq_socket_monitor_versioned
        zmq_socket_monitor_pipes_stats
    ];
    assert_eq!(
        set(functions.map(|(name, _)| name)),
        names(text::DRAFT, "pub fn")
    );
    assert!(functions.iter().all(|(_, address)| !address.is_null()));
    #[cfg(zmq_4_3_5)]
    black_box(zmq_sys::zmq_ppoll as *const ());
}
