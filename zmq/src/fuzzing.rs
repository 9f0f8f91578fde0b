//! What the fuzz targets reach besides the public items.

use crate::error::Result;
use crate::monitor::Event;

/// Decodes the frames of a monitor's event.
pub fn monitor_event(frames: &[&[u8]]) -> Result<Event> {
    Event::decode(frames)
}
