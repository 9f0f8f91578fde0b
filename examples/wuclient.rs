//! Weather update client: a SUB socket connected to the `wuserver` at tcp://localhost:5556 that
//! finds the average temperature of a zip code: `wuclient [filter] [updates]`.

use std::env;
use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let context = zmq::Context::new()?;

    // The socket that hears the server.
    println!("Collecting updates from weather server...");
    let subscriber = context.socket(zmq::SUB)?;
    subscriber.connect("tcp://localhost:5556")?;

    // The zip code; by default New York's.
    let filter = env::args().nth(1).unwrap_or_else(|| "10001 ".into());
    let updates: i64 = env::args().nth(2).map_or(Ok(100), |count| count.parse())?;
    subscriber.subscribe(&filter)?;

    let mut update_nbr = 0;
    let mut total_temp = 0;
    while update_nbr < updates {
        // "zipcode temperature relhumidity"; anything else is no update.
        let update = subscriber.recv_multipart()?;
        if let Some(temperature) = temperature(&update) {
            total_temp += i64::from(temperature);
            update_nbr += 1;
        }
    }
    println!(
        "Average temperature for zipcode '{filter}' was {}F",
        total_temp / update_nbr.max(1)
    );
    Ok(())
}

fn temperature(update: &[zmq::Message]) -> Option<i32> {
    let text = update.first()?.as_str().ok()?;
    text.split_whitespace().nth(1)?.parse().ok()
}
