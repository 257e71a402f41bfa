//! Judges what a record says of devices, and what engage's own export says besides attributes.

use super::cells::{Cell, Row};
use super::validation::{Accepted, Judgement, Kept, RecordFault, Span};
use super::validator::Judge;
use crate::value::typed::ValueType;
use crate::value::{Code, DevicePlatform, DeviceToken, Fault};

impl Judge<'_> {
    /// Judges the device that every file may have.
    pub(crate) fn device(
        &self,
        row: &Row<'_>,
        accepted: &mut Accepted,
        judgement: &mut Judgement,
        faults: &mut Vec<RecordFault>,
    ) {
        let Some(token_column) = self.token_column else { return };
        accepted.device =
            self.device_of(row, token_column, self.platform_column, accepted, judgement, faults);
    }

    /// Judges the device of a pair of columns.
    fn device_of(
        &self,
        row: &Row<'_>,
        token_column: usize,
        platform_column: Option<usize>,
        accepted: &mut Accepted,
        judgement: &mut Judgement,
        faults: &mut Vec<RecordFault>,
    ) -> Option<(Span, DevicePlatform)> {
        let Cell::Text(text) = row.cell(token_column) else { return None };
        let token = DeviceToken::parse(text);
        let given = platform_column.map(|column| (column, row.cell(column)));
        let platform = match given {
            Some((column, Cell::Text(text))) => {
                DevicePlatform::parse(text).map_err(|fault| (column, fault))
            }
            _ => Ok(self.plan.options.device_platform),
        };
        match (token, platform) {
            (Ok(Some(token)), Ok(Some(platform))) => {
                return Some((judgement.push(token.as_str()), platform));
            }
            (token, platform) => {
                if let Err(fault) = token {
                    self.blame(token_column, fault, accepted, faults);
                }
                match platform {
                    Err((column, fault)) => self.blame(column, fault, accepted, faults),
                    Ok(None) => {
                        let message = "a token without a platform: --device-platform says it";
                        let fault = Fault::new(Code::DevicePlatformMissing, message);
                        self.blame(token_column, fault, accepted, faults);
                    }
                    Ok(Some(_)) => {}
                }
            }
        }
        None
    }

    /// Judges what an own export says besides attributes.
    pub(crate) fn kept(
        &self,
        row: &Row<'_>,
        accepted: &mut Accepted,
        judgement: &mut Judgement,
        faults: &mut Vec<RecordFault>,
    ) {
        let Some(own) = &self.plan.own else { return };
        let mut kept = Kept::default();
        for (token, platform) in &own.devices {
            let device = self.device_of(row, *token, *platform, accepted, judgement, faults);
            let Some((token, platform)) = device else { continue };
            let text = judgement.text(token);
            let mut others = accepted.device.iter().chain(&kept.further_devices);
            if others.all(|(other, _)| judgement.text(*other) != text) {
                kept.further_devices.push((token, platform));
            }
        }
        let mut time = |column: Option<usize>| {
            let column = column?;
            let Cell::Text(text) = row.cell(column) else { return None };
            if ValueType::Datetime.is_stored_text(text) && text.ends_with('Z') {
                return Some(judgement.push(text));
            }
            let message = "not a time in UTC such as 2024-05-30T09:30:10Z";
            self.blame(column, Fault::new(Code::ValueType, message), accepted, faults);
            None
        };
        kept.archived_at = time(own.archived_at);
        kept.first_imported_at = time(own.first_imported_at);
        kept.last_changed_at = time(own.last_changed_at);
        accepted.kept = Some(Box::new(kept));
    }
}
