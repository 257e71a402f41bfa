//! Devices: a push token and its platform.

use super::reject::{Code, RejectReason};
use super::text::trimmed;
use std::fmt;
use std::str::FromStr;

/// The maximum number of devices per customer. The least recently seen ones are dropped.
pub const MAX_DEVICES: usize = 5;

/// A push token: 1 to 4,096 characters without white space or control characters. Only white space
/// around it is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceToken<'a>(&'a str);

impl<'a> DeviceToken<'a> {
    /// Parses a cell; a blank cell is `None`. Fails with `device.token_invalid`.
    pub fn parse(text: &'a str) -> Result<Option<Self>, RejectReason> {
        let text = trimmed(text);
        if text.is_empty() {
            return Ok(None);
        }
        // Without a branch for each byte: tokens are long.
        let is_plain = text.bytes().fold(true, |plain, byte| plain & byte.is_ascii_graphic());
        if !is_plain && text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            let message = "contains white space or a control character";
            return Err(RejectReason::new(Code::DeviceTokenInvalid, message));
        }
        if text.len() > 4096 && text.chars().count() > 4096 {
            return Err(RejectReason::new(
                Code::DeviceTokenInvalid,
                "longer than 4,096 characters",
            ));
        }
        Ok(Some(Self(text)))
    }

    /// The token.
    pub fn as_str(self) -> &'a str {
        self.0
    }
}

/// The platform of a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DevicePlatform {
    /// Apple's iOS.
    Ios,
    /// Google's Android.
    Android,
}

impl DevicePlatform {
    /// Parses a cell, ignoring case; a blank cell is `None`. Fails with `device.platform_invalid`.
    pub fn parse(text: &str) -> Result<Option<Self>, RejectReason> {
        let text = trimmed(text);
        if text.is_empty() {
            return Ok(None);
        }
        text.parse()
            .map(Some)
            .map_err(|_| RejectReason::new(Code::DevicePlatformInvalid, "neither ios nor android"))
    }

    /// The platform's name in the store, in exports and in reports: `ios` or `android`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ios => "ios",
            Self::Android => "android",
        }
    }
}

impl fmt::Display for DevicePlatform {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl FromStr for DevicePlatform {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const IOS: [&str; 4] = ["ios", "iphone", "ipad", "ipados"];
        // A version after the name is ignored: `Android 14`, `iOS 17.2`.
        let system = text.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
        match text {
            _ if IOS.iter().any(|word| system.eq_ignore_ascii_case(word)) => Ok(Self::Ios),
            _ if system.eq_ignore_ascii_case("android") => Ok(Self::Android),
            _ => Err(format!("unknown platform '{text}': expected ios or android")),
        }
    }
}

/// One of a customer's devices. Its rank is its position in the customer's list of devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// The push token.
    pub token: String,
    /// The platform.
    pub platform: DevicePlatform,
}

impl Device {
    /// Devices in the form that before-images use: pairs of token and platform, by rank.
    pub(crate) fn pairs(devices: &[Self]) -> Vec<(String, String)> {
        let pair = |device: &Self| (device.token.clone(), device.platform.as_str().to_owned());
        devices.iter().map(pair).collect()
    }

    /// Puts a device that was just seen at the front. A known token moves there and gets the new
    /// platform. A new token drops the last device if there are now more than [`MAX_DEVICES`].
    pub(crate) fn rank_first(devices: &mut Vec<Self>, token: &str, platform: DevicePlatform) {
        if let Some(index) = devices.iter().position(|device| device.token == token) {
            devices[..=index].rotate_right(1);
            devices[0].platform = platform;
        } else {
            devices.insert(0, Self { token: token.to_owned(), platform });
            devices.truncate(MAX_DEVICES);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_seen_again_moves_to_the_front_and_a_sixth_pushes_out_the_last() {
        let mut devices = Vec::new();
        for token in ["a", "b", "c", "d", "e"] {
            Device::rank_first(&mut devices, token, DevicePlatform::Ios);
        }
        Device::rank_first(&mut devices, "b", DevicePlatform::Android);
        Device::rank_first(&mut devices, "f", DevicePlatform::Ios);
        let tokens: Vec<_> = devices.iter().map(|device| device.token.as_str()).collect();
        assert_eq!(tokens, ["f", "b", "e", "d", "c"]);
        assert_eq!(devices[1].platform, DevicePlatform::Android);
    }

    #[test]
    fn a_platform_is_known_in_any_case() {
        assert_eq!(DevicePlatform::parse(" iOS "), Ok(Some(DevicePlatform::Ios)));
        assert_eq!(DevicePlatform::parse(""), Ok(None));
        assert!(DevicePlatform::parse("web").is_err());
    }
}
