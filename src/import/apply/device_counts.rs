//! Counts how the devices of customers change.

use crate::outcome::DeviceCounts;
use crate::value::Device;

/// Counts how the devices of a customer differ from those before the import. `counted` are the
/// devices after an earlier record, whose counts are replaced.
pub(super) fn count_again(
    total: &mut DeviceCounts,
    original: &[Device],
    counted: Option<&[Device]>,
    devices: &[Device],
) {
    if counted == Some(devices) {
        return;
    }
    let replaced = counted.map_or_else(DeviceCounts::default, |it| device_changes(original, it));
    let changes = device_changes(original, devices);
    total.added = total.added + changes.added - replaced.added;
    total.refreshed = total.refreshed + changes.refreshed - replaced.refreshed;
    total.evicted = total.evicted + changes.evicted - replaced.evicted;
}

/// How the devices of a customer differ from those before.
fn device_changes(before: &[Device], after: &[Device]) -> DeviceCounts {
    let rank = |devices: &[Device], token: &str| devices.iter().position(|d| d.token == token);
    let mut counts = DeviceCounts::default();
    for (now, device) in after.iter().enumerate() {
        match rank(before, &device.token) {
            None => counts.added += 1,
            Some(then) if now < then || before[then].platform != device.platform => {
                counts.refreshed += 1;
            }
            Some(_) => {}
        }
    }
    counts.evicted =
        before.iter().filter(|device| rank(after, &device.token).is_none()).count() as u64;
    counts
}
