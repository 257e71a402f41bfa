//! Validates the device of a record, and the fields of engage's own export that are not attributes.

use super::cells::{Cell, Row};
use super::validation::{
    AcceptedRecord, ExportedFields, Note, NoteKind, RecordError, Span, Validations,
};
use super::validator::Validator;
use crate::value::typed::ValueType;
use crate::value::{Code, DevicePlatform, DeviceToken, RejectReason};

/// Where the platform of a token comes from, apart from the option for all tokens.
#[derive(Clone, Copy)]
struct PlatformRules {
    /// The column with the platform of each record.
    column: Option<usize>,
    /// The platform in the header of the token column, such as `iOS token`.
    named: Option<DevicePlatform>,
}

impl Validator<'_> {
    /// Validates the device in the columns that any file may have.
    pub(crate) fn device(
        &self,
        row: &Row<'_>,
        accepted: &mut AcceptedRecord,
        validations: &mut Validations,
        errors: &mut Vec<RecordError>,
    ) {
        let is_valid = |column: usize| match row.cell(column) {
            Cell::Text(text) => DeviceToken::parse(text).is_ok(),
            Cell::Blank | Cell::Null => false,
        };
        // The first valid token. If none is valid, the first filled column is reported.
        let valid = self.tokens.iter().find(|(column, _)| is_valid(*column));
        let filled =
            || self.tokens.iter().find(|(column, _)| matches!(row.cell(*column), Cell::Text(_)));
        let Some((token_column, named)) = valid.or_else(filled).copied() else { return };
        let platform = PlatformRules { column: self.platform_column, named };
        accepted.device =
            self.device_of(row, token_column, platform, accepted, validations, errors);
        for (column, _) in &self.tokens {
            let Cell::Text(text) = row.cell(*column) else { continue };
            let is_same = matches!(row.cell(token_column), Cell::Text(taken) if taken == text);
            match DeviceToken::parse(text) {
                _ if is_same || valid.is_none() => {}
                Ok(_) => accepted.notes.push(Note { column: *column, kind: NoteKind::OtherColumn }),
                Err(reason) => {
                    accepted.notes.push(Note { column: *column, kind: NoteKind::Dropped(reason) });
                }
            }
        }
    }

    /// Validates the device of a pair of columns.
    fn device_of(
        &self,
        row: &Row<'_>,
        token_column: usize,
        platform: PlatformRules,
        accepted: &mut AcceptedRecord,
        validations: &mut Validations,
        errors: &mut Vec<RecordError>,
    ) -> Option<(Span, DevicePlatform)> {
        let Cell::Text(text) = row.cell(token_column) else { return None };
        let token = DeviceToken::parse(text);
        let given = platform.column.map(|column| (column, row.cell(column)));
        let platform = match given {
            Some((column, Cell::Text(text))) => match DevicePlatform::parse(text) {
                Err(_) if row.marker.is_none() => {
                    // Messages cannot be sent to other platforms, so the customer is kept without
                    // the device.
                    accepted.notes.push(Note { column, kind: NoteKind::OtherPlatform });
                    return None;
                }
                parsed => parsed.map_err(|reason| (column, reason)),
            },
            _ => Ok(self.plan.options.device_platform.or(platform.named)),
        };
        match (token, platform) {
            (Ok(Some(token)), Ok(Some(platform))) => {
                return Some((validations.push(token.as_str()), platform));
            }
            (token, platform) => {
                if let Err(reason) = token {
                    self.report_invalid(token_column, reason, accepted, errors);
                }
                match platform {
                    Err((column, reason)) => self.report_invalid(column, reason, accepted, errors),
                    Ok(None) => {
                        let message =
                            "a token without a platform: --device-platform ios or android sets it";
                        let reason = RejectReason::new(Code::DevicePlatformMissing, message);
                        self.report_invalid(token_column, reason, accepted, errors);
                    }
                    Ok(Some(_)) => {}
                }
            }
        }
        None
    }

    /// Validates the fields of an own export that are not attributes.
    pub(crate) fn exported_fields(
        &self,
        row: &Row<'_>,
        accepted: &mut AcceptedRecord,
        validations: &mut Validations,
        errors: &mut Vec<RecordError>,
    ) {
        let Some(own) = &self.plan.own else { return };
        let mut exported = ExportedFields::default();
        for (token, platform) in &own.devices {
            let platform = PlatformRules { column: *platform, named: None };
            let device = self.device_of(row, *token, platform, accepted, validations, errors);
            let Some((token, platform)) = device else { continue };
            let text = validations.text(token);
            let mut others = accepted.device.iter().chain(&exported.further_devices);
            if others.all(|(other, _)| validations.text(*other) != text) {
                exported.further_devices.push((token, platform));
            }
        }
        let mut time = |column: Option<usize>| {
            let column = column?;
            let Cell::Text(text) = row.cell(column) else { return None };
            if ValueType::Datetime.is_stored_text(text) && text.ends_with('Z') {
                return Some(validations.push(text));
            }
            let message = "not a time in UTC such as 2024-05-30T09:30:10Z";
            self.report_invalid(
                column,
                RejectReason::new(Code::ValueType, message),
                accepted,
                errors,
            );
            None
        };
        exported.archived_at = time(own.archived_at);
        exported.first_imported_at = time(own.first_imported_at);
        exported.last_changed_at = time(own.last_changed_at);
        accepted.exported = Some(Box::new(exported));
    }
}
