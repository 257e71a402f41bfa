//! The standard attributes, which Engage itself knows by name.

use crate::value::email::key_of;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

/// A standard attribute. Everything else that a customer has is a custom attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standard {
    /// The customer's identifier in the user's own application.
    Uid,
    /// The given name.
    FirstName,
    /// The family name.
    LastName,
    /// A phone number.
    Number,
    /// An email address.
    Email,
    /// A push token of one device.
    DeviceToken,
    /// That device's platform.
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

    /// The name in reports, options, clean CSV files and the store.
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

    /// The standard attribute of this exact name.
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
    /// The customer's own identifier.
    Uid,
    /// The email, compared in lower case.
    Email,
    /// The phone number in its international form.
    Number,
}

impl Key {
    /// All keys, in the order in which a new store chooses among them.
    pub const ALL: [Self; 3] = [Self::Uid, Self::Email, Self::Number];

    /// The attribute that holds the key.
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

    /// A stored value in the form in which keys are compared: emails in lower case.
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
