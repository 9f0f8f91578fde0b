//! What an application may set before it connects.

use crate::Outcome;

/// Settings of a context and its sockets; what is not set is left as libzmq has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tuning {
    /// `ZMQ_SNDHWM` and `ZMQ_RCVHWM`.
    pub high_water_mark: u32,
    /// `ZMQ_IO_THREADS`.
    pub io_threads: Option<u32>,
    /// `ZMQ_AFFINITY` of the side that binds, and of the side that connects: 0 is any thread.
    pub affinity: [u64; 2],
    /// `ZMQ_IN_BATCH_SIZE` and `ZMQ_OUT_BATCH_SIZE`.
    pub batch_size: Option<u32>,
    /// Sockets that connect. They send in turn, from one thread.
    pub connections: usize,
}

impl Default for Tuning {
    fn default() -> Tuning {
        Tuning {
            high_water_mark: 1000,
            io_threads: None,
            affinity: [0; 2],
            batch_size: None,
            connections: 1,
        }
    }
}

impl Tuning {
    /// Those among `words` that are `NAME=VALUE`: `hwm`, `io-threads`, `affinity` (`BIND,CONNECT`, as
    /// masks), `batch-size` and `connections`.
    pub fn named<'a>(words: impl IntoIterator<Item = &'a str>) -> Outcome<Tuning> {
        let mut tuning = Tuning::default();
        for word in words {
            let Some((name, value)) = word.split_once('=') else {
                continue;
            };
            match name {
                "hwm" => tuning.high_water_mark = value.parse()?,
                "io-threads" => tuning.io_threads = Some(value.parse()?),
                "affinity" => {
                    let (bind, connect) = value.split_once(',').ok_or("affinity=BIND,CONNECT")?;
                    tuning.affinity = [bind.parse()?, connect.parse()?];
                }
                "batch-size" => tuning.batch_size = Some(value.parse()?),
                "connections" => tuning.connections = usize::max(value.parse()?, 1),
                _ => return Err(format!("nothing is called {name}").into()),
            }
        }
        Ok(tuning)
    }
}
