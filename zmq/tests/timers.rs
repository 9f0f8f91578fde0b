//! Timers: when they fire, what a callback may do, and what becomes of one that panics. Most go by
//! a clock that is turned by hand.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use proptest::prelude::*;
use zmq::{ErrorKind, TimerId, Timers};

const SECOND: Duration = Duration::from_secs(1);

/// A clock that stands still until it is turned.
struct Clock(Cell<Instant>);

impl Clock {
    fn new() -> Clock {
        Clock(Cell::new(Instant::now()))
    }

    fn turn(&self, time: Duration) {
        self.0.set(self.0.get() + time);
    }

    /// Timers that write down which of them fired.
    fn timers(&self) -> Timers<'_, Vec<u32>> {
        Timers::with_clock(|| self.0.get())
    }
}

type Fired = Vec<u32>;

fn note<'a>(number: u32) -> impl FnMut(&mut Timers<'a, Fired>, TimerId, &mut Fired) + 'a {
    move |_, _, fired| fired.push(number)
}

/// What fires now.
fn fire(timers: &mut Timers<'_, Fired>) -> Fired {
    let mut fired = Vec::new();
    let ran = timers.execute_with(&mut fired).unwrap();
    assert_eq!(ran, fired.len());
    fired
}

#[test]
fn timers_fire_when_due_and_in_that_order() {
    let clock = Clock::new();
    let mut timers = clock.timers();
    assert_eq!(timers.timeout(), None);
    timers.add(3 * SECOND, note(3)).unwrap();
    timers.add_once(2 * SECOND, note(2)).unwrap();
    timers.add(3 * SECOND, note(4)).unwrap();
    assert_eq!(timers.timeout(), Some(2 * SECOND));
    clock.turn(2 * SECOND - Duration::from_nanos(1));
    assert_eq!(timers.timeout(), Some(Duration::from_nanos(1)));
    assert_eq!(fire(&mut timers), []);
    clock.turn(SECOND + Duration::from_nanos(1));
    assert_eq!(timers.timeout(), Some(Duration::ZERO));
    assert_eq!(fire(&mut timers), [2, 3, 4]);
    assert_eq!(timers.len(), 2, "the one that fires once is gone");
    clock.turn(3 * SECOND);
    assert_eq!(fire(&mut timers), [3, 4]);
}

#[test]
fn missed_intervals_fire_once_and_the_grid_stays() {
    let clock = Clock::new();
    let mut timers = clock.timers();
    timers.add(10 * SECOND, note(0)).unwrap();
    clock.turn(37 * SECOND);
    assert_eq!(fire(&mut timers), [0]);
    assert_eq!(fire(&mut timers), []);
    assert_eq!(timers.timeout(), Some(3 * SECOND));
    // Neither does being late a little add up.
    clock.turn(4 * SECOND);
    assert_eq!(fire(&mut timers), [0]);
    assert_eq!(timers.timeout(), Some(9 * SECOND));
    // Late by exactly one interval.
    clock.turn(19 * SECOND);
    assert_eq!(fire(&mut timers), [0]);
    assert_eq!(timers.timeout(), Some(10 * SECOND));
}

#[test]
fn interval_zero_is_refused() {
    let mut timers: Timers<'_> = Timers::new();
    let zero = Duration::ZERO;
    let id = timers.add(SECOND, |_, _, _| ()).unwrap();
    for error in [
        timers.add(zero, |_, _, _| ()).unwrap_err(),
        timers.add_once(zero, |_, _, _| ()).unwrap_err(),
        timers.set_interval(id, zero).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert_eq!(error.subject(), Some("interval 0"));
    }
    assert_eq!(timers.len(), 1);
}

#[test]
fn the_id_of_a_timer_that_is_gone_hits_no_other() {
    let clock = Clock::new();
    let (mut timers, mut others) = (clock.timers(), clock.timers());
    let gone = timers.add(SECOND, note(0)).unwrap();
    assert!(timers.cancel(gone));
    let next = timers.add(SECOND, note(1)).unwrap();
    let other = others.add(SECOND, note(2)).unwrap();
    assert!(gone != next && next != other);
    assert_eq!(gone.to_string(), "timer 1");
    for id in [gone, other] {
        assert!(!timers.cancel(id));
        for error in [
            timers.reset(id).unwrap_err(),
            timers.set_interval(id, SECOND).unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert_eq!(error.subject(), Some(&*id.to_string()));
        }
    }
    clock.turn(SECOND);
    assert_eq!(fire(&mut timers), [1]);
}

#[test]
fn a_callback_cancels_itself_and_others_that_are_due() {
    let clock = Clock::new();
    let victim = Cell::new(None);
    let mut timers = clock.timers();
    timers
        .add(SECOND, |timers: &mut Timers<'_, Fired>, id, fired| {
            fired.push(0);
            assert!(timers.cancel(id));
            assert!(!timers.cancel(id));
            assert!(timers.reset(id).is_err(), "it is gone while it runs, too");
            assert!(timers.cancel(victim.get().unwrap()));
        })
        .unwrap();
    victim.set(Some(timers.add(SECOND, note(1)).unwrap()));
    timers.add(SECOND, note(2)).unwrap();
    clock.turn(SECOND);
    assert_eq!(fire(&mut timers), [0, 2]);
    assert_eq!(timers.len(), 1);
}

#[test]
fn a_callback_times_itself_and_others_anew() {
    let clock = Clock::new();
    let mut timers = clock.timers();
    let other = timers.add(10 * SECOND, note(1)).unwrap();
    timers
        .add(SECOND, move |timers, id, fired| {
            fired.push(0);
            timers.set_interval(id, 5 * SECOND).unwrap();
            timers.set_interval(other, 2 * SECOND).unwrap();
        })
        .unwrap();
    clock.turn(SECOND);
    assert_eq!(fire(&mut timers), [0]);
    assert_eq!(timers.timeout(), Some(2 * SECOND));
    clock.turn(2 * SECOND);
    assert_eq!(fire(&mut timers), [1]);
    clock.turn(2 * SECOND);
    assert_eq!(timers.timeout(), Some(Duration::ZERO));
    assert_eq!(fire(&mut timers), [1]);
    clock.turn(SECOND);
    assert_eq!(fire(&mut timers), [0]);
}

#[test]
fn a_timer_that_fires_once_can_set_itself_again() {
    let clock = Clock::new();
    let mut timers = clock.timers();
    timers
        .add_once(SECOND, |timers, id, fired| {
            fired.push(0);
            if fired.len() < 2 {
                timers.reset(id).unwrap();
            }
        })
        .unwrap();
    assert!(!timers.is_empty());
    let mut fired = Vec::new();
    for _ in 0..4 {
        clock.turn(SECOND);
        timers.execute_with(&mut fired).unwrap();
    }
    assert_eq!(fired, [0, 0]);
    assert!(timers.is_empty());
}

#[test]
fn what_a_callback_adds_does_not_fire_in_the_same_execute() {
    let clock = Clock::new();
    let mut timers = clock.timers();
    timers
        .add(SECOND, |timers: &mut Timers<'_, Fired>, id, fired| {
            fired.push(0);
            clock.turn(SECOND); // a callback that takes long
            timers.add_once(Duration::from_nanos(1), note(1)).unwrap();
            timers.set_interval(id, SECOND).unwrap();
        })
        .unwrap();
    clock.turn(SECOND);
    assert_eq!(fire(&mut timers), [0]);
    assert_eq!(timers.len(), 2);
}

#[test]
fn execute_inside_a_callback_passes_over_what_is_running() {
    let clock = Clock::new();
    let mut timers = clock.timers();
    for number in 0..3 {
        timers
            .add(SECOND, move |timers, _, fired: &mut Fired| {
                fired.push(number);
                timers.execute_with(fired).unwrap();
                fired.push(10 + number);
            })
            .unwrap();
    }
    clock.turn(SECOND);
    let mut fired = Vec::new();
    assert_eq!(timers.execute_with(&mut fired), Ok(1));
    assert_eq!(fired, [0, 1, 2, 12, 11, 10]);
}

#[test]
fn a_panic_is_reported_after_the_others_ran() {
    let clock = Clock::new();
    let text = "seven".to_owned();
    let mut timers = clock.timers();
    let bad = timers
        .add(SECOND, |_, _, _| panic!("not my {text}"))
        .unwrap();
    timers.add(SECOND, note(1)).unwrap();
    /// Panics when it is dropped, in a callback and as a payload.
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }
    let bomb = Bomb;
    let worse = timers
        .add(SECOND, move |_, _, _| {
            let _ = &bomb;
            std::panic::panic_any(Bomb);
        })
        .unwrap();
    timers.add(SECOND, note(2)).unwrap();
    clock.turn(SECOND);

    let mut fired = Vec::new();
    let error = timers.execute_with(&mut fired).unwrap_err();
    assert_eq!(fired, [1, 2]);
    assert_eq!(error.ran, 2);
    assert_eq!(error.kind(), ErrorKind::Panicked);
    assert_eq!(error.panics[0], (bad, "not my seven".to_owned()));
    assert_eq!(error.panics[1].0, worse);
    let text = &error.panics[1].1;
    assert_eq!(
        error.to_string(),
        format!("zmq_timers_execute: {bad} panicked: not my seven; {worse} panicked: {text}")
    );
    let error = zmq::Error::from(error);
    assert_eq!(error.kind(), ErrorKind::Panicked);
    assert_eq!(error.subject(), Some(&*format!("{bad}: not my seven")));
    assert!(!timers.cancel(bad), "it is gone");
    clock.turn(SECOND);
    assert_eq!(fire(&mut timers), [1, 2]);
}

#[test]
fn a_time_beyond_the_clock_never_comes() {
    let clock = Clock::new();
    let mut timers = clock.timers();
    let never = timers.add(Duration::MAX, note(0)).unwrap();
    assert_eq!(timers.timeout(), None);
    timers.reset(never).unwrap();
    assert_eq!(fire(&mut timers), []);
    timers.set_interval(never, SECOND).unwrap();
    assert_eq!(timers.timeout(), Some(SECOND));
    clock.turn(1_000_000_000 * SECOND);
    assert_eq!(fire(&mut timers), [0]);
}

#[test]
fn a_clock_that_goes_back_only_delays() {
    let clock = Clock::new();
    clock.turn(100 * SECOND);
    let mut timers = clock.timers();
    timers.add(SECOND, note(0)).unwrap();
    clock.0.set(clock.0.get() - 50 * SECOND);
    assert_eq!(timers.timeout(), Some(51 * SECOND));
    assert_eq!(fire(&mut timers), []);
}

#[test]
fn without_a_clock_of_ones_own_it_is_the_systems() {
    let count = Cell::new(0);
    let mut timers: Timers<'_> = Timers::new();
    let start = Instant::now();
    timers
        .add(Duration::from_millis(2), |_, _, _| {
            count.set(count.get() + 1)
        })
        .unwrap();
    while count.get() < 3 {
        std::thread::sleep(timers.timeout().unwrap());
        timers.execute().unwrap();
    }
    assert!(start.elapsed() >= Duration::from_millis(6));
}

// ---- against a model ---------------------------------------------------------------------------

#[derive(Debug, Clone)]
enum Step {
    Add { interval: u64, repeats: bool },
    Cancel(usize),
    Reset(usize),
    SetInterval(usize, u64),
    Turn(u64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        (1..20u64, any::<bool>()).prop_map(|(interval, repeats)| Step::Add { interval, repeats }),
        (0..12usize).prop_map(Step::Cancel),
        (0..12usize).prop_map(Step::Reset),
        (0..12usize, 1..20u64).prop_map(|(which, interval)| Step::SetInterval(which, interval)),
        (0..50u64).prop_map(Step::Turn),
    ];
    proptest::collection::vec(step, 1..120)
}

/// What timers do, in whole milliseconds and the plainest way.
#[derive(Default)]
struct Model {
    now: u64,
    /// By the number of the timer: interval, whether it repeats, when it is due, since which step.
    timers: BTreeMap<usize, (u64, bool, u64, usize)>,
}

impl Model {
    fn execute(&mut self, step: usize) -> Fired {
        let now = self.now;
        let mut due: Vec<_> = self
            .timers
            .iter()
            .filter(|(_, (_, _, due, _))| *due <= now)
            .map(|(number, (_, _, due, set))| (*due, *set, *number))
            .collect();
        due.sort();
        for (position, (_, _, number)) in due.iter().enumerate() {
            let timer = self.timers.get_mut(number).unwrap();
            while timer.2 <= now {
                timer.2 += timer.0;
            }
            timer.3 = step * 1000 + position;
            if !timer.1 {
                self.timers.remove(number);
            }
        }
        due.iter().map(|(_, _, number)| *number as u32).collect()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_steps_do_what_the_model_does(steps in steps()) {
        let clock = Clock::new();
        let mut timers = clock.timers();
        let mut model = Model::default();
        let mut ids = Vec::new();
        for (step, what) in steps.into_iter().enumerate() {
            let age = step * 1000;
            match what {
                Step::Add { interval, repeats } => {
                    let (time, note) = (Duration::from_millis(interval), note(ids.len() as u32));
                    model.timers.insert(ids.len(), (interval, repeats, model.now + interval, age));
                    ids.push(if repeats {
                        timers.add(time, note).unwrap()
                    } else {
                        timers.add_once(time, note).unwrap()
                    });
                }
                Step::Cancel(which) => {
                    let Some(&id) = ids.get(which) else { continue };
                    prop_assert_eq!(timers.cancel(id), model.timers.remove(&which).is_some());
                }
                Step::Reset(which) => {
                    let Some(&id) = ids.get(which) else { continue };
                    let timer = model.timers.get_mut(&which);
                    prop_assert_eq!(timers.reset(id).is_ok(), timer.is_some());
                    if let Some(timer) = timer {
                        (timer.2, timer.3) = (model.now + timer.0, age);
                    }
                }
                Step::SetInterval(which, interval) => {
                    let Some(&id) = ids.get(which) else { continue };
                    let timer = model.timers.get_mut(&which);
                    let time = Duration::from_millis(interval);
                    prop_assert_eq!(timers.set_interval(id, time).is_ok(), timer.is_some());
                    if let Some(timer) = timer {
                        *timer = (interval, timer.1, model.now + interval, age);
                    }
                }
                Step::Turn(time) => {
                    clock.turn(Duration::from_millis(time));
                    model.now += time;
                    prop_assert_eq!(fire(&mut timers), model.execute(step));
                }
            }
            let next = model.timers.values().map(|timer| timer.2).min();
            let left = next.map(|due| Duration::from_millis(due.saturating_sub(model.now)));
            prop_assert_eq!(timers.timeout(), left);
            prop_assert_eq!(timers.len(), model.timers.len());
        }
    }
}
