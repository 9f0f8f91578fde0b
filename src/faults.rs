//! Troubles that servers and workers play, so that their clients have something to survive.

/// What happens to one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It is answered.
    None,
    /// The program ends, and nobody answers.
    Crash,
    /// It is answered late.
    Overload,
}

/// The troubles of one program: at random from the fourth request on, or as a script has them.
///
/// ```
/// use zguide::faults::{Fault, Faults};
///
/// let mut faults = Faults::new(3, Some("ok,overload,crash".into()));
/// assert_eq!(faults.draw(), Fault::None);
/// assert_eq!(faults.draw(), Fault::Overload);
/// assert_eq!(faults.draw(), Fault::Crash);
/// assert_eq!(faults.draw(), Fault::None);
/// ```
#[derive(Debug)]
pub struct Faults {
    odds: u32,
    script: Option<String>,
    cycles: usize,
}

impl Faults {
    /// Each trouble hits one request in `odds`. A script has a word for each request instead:
    /// `crash`, `overload`, or any other for none, with commas in between; after its end there are
    /// no more troubles.
    pub fn new(odds: u32, script: Option<String>) -> Faults {
        Faults {
            odds,
            script,
            cycles: 0,
        }
    }

    /// What happens to the next request.
    pub fn draw(&mut self) -> Fault {
        self.cycles += 1;
        let hit = || self.cycles > 3 && fastrand::u32(..self.odds.max(1)) == 0;
        match &self.script {
            Some(script) => match script.split(',').nth(self.cycles - 1) {
                Some("crash") => Fault::Crash,
                Some("overload") => Fault::Overload,
                _ => Fault::None,
            },
            None if hit() => Fault::Crash,
            None if hit() => Fault::Overload,
            None => Fault::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, Faults};

    #[test]
    fn random_faults_come_from_the_fourth_request_on() {
        let mut faults = Faults::new(3, None);
        let drawn = [(); 1000].map(|()| faults.draw());
        assert_eq!(drawn[..3], [Fault::None; 3]);
        for fault in [Fault::None, Fault::Crash, Fault::Overload] {
            let count = drawn.iter().filter(|drawn| **drawn == fault).count();
            assert!(count > 100, "{fault:?}: {count} of 1000");
        }
    }
}
