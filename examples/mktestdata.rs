//! Makes the file `testdata` in the working directory, for fileio1, fileio2 and fileio3. An argument
//! says how many MiB, else 1024.

use std::error::Error;
use std::fs::File;
use std::io::Write as _;

fn main() -> Result<(), Box<dyn Error>> {
    let count: u32 = std::env::args().nth(1).map_or(Ok(1024), |n| n.parse())?;
    let mut handle = File::create("testdata")?;
    let data = vec![0; 1024 * 1024];
    for _ in 0..count {
        handle.write_all(&data)?;
    }
    Ok(())
}
