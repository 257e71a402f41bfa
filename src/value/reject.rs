//! Why a value or a record is rejected.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The version of the rules for values. It is part of the digest of every import plan: raising it
/// invalidates the stored fingerprints, so that all records are validated again.
pub const RULES_VERSION: u32 = 5;

/// A stable name for one kind of reject reason. Scripts rely on these, so they are never renamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Code {
    /// Too few or too many fields.
    RecordFields,
    /// Bytes that are not text in the file's encoding.
    RecordEncoding,
    /// A record or field that exceeds the limits of the reader.
    RecordTooLong,
    /// A quote that was left open.
    RecordQuote,
    /// A record's type marker in engage's own export differs from that of the first records.
    RecordMark,
    /// The customer's identifier is blank.
    UidMissing,
    /// The customer's identifier is not printable text of 1 to 255 characters.
    UidInvalid,
    /// The customer's identifier lost digits in a spreadsheet.
    UidSpreadsheet,
    /// The email is the key, and it is blank.
    EmailMissing,
    /// The number is the key, and it is blank.
    NumberMissing,
    /// The key names several customers, or another one than the uid.
    KeyAmbiguous,
    /// The key of an event names no customer of the store.
    KeyUnknown,
    /// An event has no name.
    EventMissing,
    /// An event does not say when it happened.
    EventTimeMissing,
    /// A name with control characters, or longer than 255 characters.
    NameInvalid,
    /// Not a deliverable address.
    EmailInvalid,
    /// Not a valid phone number.
    NumberInvalid,
    /// A phone number without a country code, read without a region.
    NumberNotInternational,
    /// A phone number that a spreadsheet has turned into scientific notation: digits were lost.
    NumberSpreadsheet,
    /// A phone number with an extension. Only reports of earlier versions have it.
    NumberExtension,
    /// A device token with white space, control characters, or more than 4,096 characters.
    DeviceTokenInvalid,
    /// A device token without a platform.
    DevicePlatformMissing,
    /// A platform other than `ios` and `android`.
    DevicePlatformInvalid,
    /// A value that is not of its attribute's declared type.
    ValueType,
    /// A text of more than 65,536 characters.
    ValueTooLong,
}

impl Code {
    /// Every code, in the order in which the documentation lists them.
    pub const ALL: [Self; 25] = [
        Self::RecordFields,
        Self::RecordEncoding,
        Self::RecordTooLong,
        Self::RecordQuote,
        Self::RecordMark,
        Self::UidMissing,
        Self::UidInvalid,
        Self::UidSpreadsheet,
        Self::EmailMissing,
        Self::NumberMissing,
        Self::KeyAmbiguous,
        Self::KeyUnknown,
        Self::EventMissing,
        Self::EventTimeMissing,
        Self::NameInvalid,
        Self::EmailInvalid,
        Self::NumberInvalid,
        Self::NumberNotInternational,
        Self::NumberSpreadsheet,
        Self::NumberExtension,
        Self::DeviceTokenInvalid,
        Self::DevicePlatformMissing,
        Self::DevicePlatformInvalid,
        Self::ValueType,
        Self::ValueTooLong,
    ];

    /// The code as it is written in reports and rejects files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RecordFields => "record.fields",
            Self::RecordEncoding => "record.encoding",
            Self::RecordTooLong => "record.too_long",
            Self::RecordQuote => "record.quote",
            Self::RecordMark => "record.mark",
            Self::UidMissing => "uid.missing",
            Self::UidInvalid => "uid.invalid",
            Self::UidSpreadsheet => "uid.spreadsheet",
            Self::EmailMissing => "email.missing",
            Self::NumberMissing => "number.missing",
            Self::KeyAmbiguous => "key.ambiguous",
            Self::KeyUnknown => "key.unknown",
            Self::EventMissing => "event.missing",
            Self::EventTimeMissing => "event.time_missing",
            Self::NameInvalid => "name.invalid",
            Self::EmailInvalid => "email.invalid",
            Self::NumberInvalid => "number.invalid",
            Self::NumberNotInternational => "number.not_international",
            Self::NumberSpreadsheet => "number.spreadsheet",
            Self::NumberExtension => "number.extension",
            Self::DeviceTokenInvalid => "device.token_invalid",
            Self::DevicePlatformMissing => "device.platform_missing",
            Self::DevicePlatformInvalid => "device.platform_invalid",
            Self::ValueType => "value.type",
            Self::ValueTooLong => "value.too_long",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = std::borrow::Cow::<str>::deserialize(deserializer)?;
        let code = Self::ALL.into_iter().find(|code| code.as_str() == name);
        code.ok_or_else(|| serde::de::Error::custom(format!("unknown reject code {name}")))
    }
}

/// Why a value or a record is rejected: the code, what is wrong, and how to fix it if that is
/// clear. The message never repeats the value; the report quotes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectReason {
    /// The kind of reason.
    pub code: Code,
    /// One clause in lower case, without a full stop.
    pub message: std::borrow::Cow<'static, str>,
}

impl RejectReason {
    /// A reason of this kind.
    pub fn new(code: Code, message: impl Into<std::borrow::Cow<'static, str>>) -> Self {
        Self { code, message: message.into() }
    }
}
