//! The standard attributes: those that the Engage API has fields for.

use crate::value::email::key_of;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// A standard attribute. All other attributes are custom attributes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standard {
    /// The customer's identifier in the application that the export comes from.
    Uid,
    /// The given name.
    FirstName,
    /// The family name.
    LastName,
    /// A phone number.
    Number,
    /// An email address.
    Email,
    /// The push token of a device.
    DeviceToken,
    /// The platform of that device.
    DevicePlatform,
}

impl Standard {
    /// All standard attributes, in the order in which they are shown.
    pub const ALL: [Self; 7] = [
        Self::Uid,
        Self::FirstName,
        Self::LastName,
        Self::Number,
        Self::Email,
        Self::DeviceToken,
        Self::DevicePlatform,
    ];

    /// The name in reports, options, CSV files and the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Uid => "uid",
            Self::FirstName => "first_name",
            Self::LastName => "last_name",
            Self::Number => "number",
            Self::Email => "email",
            Self::DeviceToken => "device_token",
            Self::DevicePlatform => "device_platform",
        }
    }

    /// The standard attribute with exactly this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|standard| standard.as_str() == name)
    }
}

impl fmt::Display for Standard {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// The attribute that identifies a customer in an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Key {
    /// The uid: the customer's identifier in the source.
    Uid,
    /// The email, compared in lower case.
    Email,
    /// The phone number, in international form.
    Number,
}

impl Key {
    /// All keys, in the order in which the first import into a store prefers them.
    pub const ALL: [Self; 3] = [Self::Uid, Self::Email, Self::Number];

    /// The attribute that this key compares.
    pub fn attribute(self) -> Standard {
        match self {
            Self::Uid => Standard::Uid,
            Self::Email => Standard::Email,
            Self::Number => Standard::Number,
        }
    }

    /// The name of that attribute.
    pub fn as_str(self) -> &'static str {
        self.attribute().as_str()
    }

    /// The form in which keys are compared: an email in lower case, any other value unchanged.
    pub fn compared(self, value: &str) -> Cow<'_, str> {
        match self {
            Self::Email => key_of(value).into(),
            Self::Uid | Self::Number => value.into(),
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl FromStr for Key {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|key| key.as_str() == text)
            .ok_or_else(|| format!("unknown key '{text}': expected uid, email or number"))
    }
}
