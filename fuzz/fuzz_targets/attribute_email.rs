//! Parses any cell as an email: no panic, and an accepted address is plain and parses to itself.

#![no_main]

use engage::value::email::Email;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(Some(email)) = Email::parse(text) {
        let address = email.as_str();
        assert!(!address.contains(|c: char| c.is_whitespace() || c.is_control()), "{address:?}");
        assert!(!address.contains(['<', '>', '"', ',', ';', '(', ')', '[', ']']), "{address:?}");
        assert_eq!(address.matches('@').count(), 1, "{address:?}");
        assert!(email.domain().contains('.'), "{address:?}");
        assert_eq!(Email::parse(address), Ok(Some(email.clone())));
        assert_ne!(email.likely_domain(), Some(email.domain()));
        let _ = email.key();
    }
});
