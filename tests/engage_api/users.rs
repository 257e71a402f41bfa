//! The users and events of the server, changed by requests as documented.

use super::http::Received;
use super::{PRIVATE_KEY, PUBLIC_KEY};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

#[derive(Default)]
pub(crate) struct Users {
    pub(crate) all: BTreeMap<String, Value>,
    pub(crate) events: Vec<(String, Value)>,
}

/// The fields of a user outside of `meta`.
const FIELDS: [&str; 5] = ["first_name", "last_name", "number", "email", "created_at"];

impl Users {
    /// Handles a request; returns the status and the body of the answer.
    pub(crate) fn handle(&mut self, request: &Received) -> (u16, String) {
        if request.header("authorization") != Some(&authorization()) {
            return error(401, "Wrong authentication credentials.");
        }
        let parts: Vec<String> =
            request.path.trim_start_matches('/').split('/').map(decoded).collect();
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        let body = || serde_json::from_str::<Value>(&request.body).ok().filter(Value::is_object);
        match (request.method.as_str(), parts.as_slice()) {
            ("PUT", ["users", uid]) => match body() {
                Some(body) => self.put(uid, &body),
                None => error(400, "The body is not an object."),
            },
            ("DELETE", ["users", uid]) => match self.all.remove(*uid) {
                Some(_) => ok(&json!({"status": "ok"})),
                None => error(404, "No such user."),
            },
            ("DELETE", ["users", uid, "attributes", name]) => self.change(uid, |user| {
                user["meta"].as_object_mut().unwrap().remove(*name);
            }),
            ("DELETE", ["users", uid, "tokens", token]) => self.change(uid, |user| {
                user["devices"].as_array_mut().unwrap().retain(|it| it["token"] != **token);
            }),
            ("POST", ["users", uid, "archive"]) => {
                self.change(uid, |user| user["archived"] = json!(true))
            }
            ("POST", ["users", uid, "events"]) => match body() {
                Some(body) if body["event"].is_string() => {
                    self.events.push(((*uid).to_owned(), body));
                    ok(&json!({"status": "ok"}))
                }
                _ => error(400, "An event has a name."),
            },
            ("POST", ["batch"]) if request.body.len() < 100_000 => {
                for item in body().unwrap()["data"].as_array().unwrap() {
                    let uid = item["id"].as_str().unwrap().to_owned();
                    assert!(["create", "update"].contains(&item["type"].as_str().unwrap()));
                    self.put(&uid, item);
                }
                ok(&json!({"status": "queued"}))
            }
            _ => error(404, "Not found."),
        }
    }

    fn put(&mut self, uid: &str, body: &Value) -> (u16, String) {
        if uid.is_empty() {
            return error(400, "A user has an id.");
        }
        let new = || {
            json!({"uid": uid, "first_name": null, "last_name": null, "number": null,
                   "email": null, "devices": [], "archived": false, "meta": {},
                   "created_at": "now"})
        };
        let user = self.all.entry(uid.to_owned()).or_insert_with(new);
        for name in FIELDS {
            if let Some(value) = body.get(name) {
                user[name] = value.clone();
            }
        }
        for (name, value) in body.get("meta").and_then(Value::as_object).unwrap_or(&Map::new()) {
            assert!(value.is_string() || value.is_number() || value.is_boolean(), "{body}");
            user["meta"][name] = value.clone();
        }
        if let Some(token) = body.get("device_token") {
            let devices = user["devices"].as_array_mut().unwrap();
            devices.retain(|device| device["token"] != *token);
            devices.push(json!({"token": token, "platform": body["device_platform"]}));
            if devices.len() > 5 {
                devices.remove(0);
            }
        }
        // Assumption: a change unarchives a user. This is not documented.
        user["archived"] = json!(false);
        ok(user)
    }

    fn change(&mut self, uid: &str, change: impl FnOnce(&mut Value)) -> (u16, String) {
        match self.all.get_mut(uid) {
            Some(user) => {
                change(user);
                ok(&json!({"status": "ok"}))
            }
            None => error(404, "No such user."),
        }
    }
}

fn ok(body: &Value) -> (u16, String) {
    (200, body.to_string())
}

fn error(status: u16, text: &str) -> (u16, String) {
    (status, json!({ "error": text }).to_string())
}

fn authorization() -> String {
    use std::fmt::Write as _;
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let pair = format!("{PUBLIC_KEY}:{PRIVATE_KEY}");
    let mut text = "Basic ".to_owned();
    for chunk in pair.as_bytes().chunks(3) {
        let bits = chunk.iter().fold(0_u32, |bits, byte| (bits << 8) | u32::from(*byte));
        let bits = bits << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * place)) as usize & 63];
            let padded = if place > chunk.len() { '=' } else { char::from(digit) };
            write!(text, "{padded}").unwrap();
        }
    }
    text
}

fn decoded(segment: &str) -> String {
    let bytes = segment.as_bytes();
    let mut decoded = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b'%' {
            decoded.push(u8::from_str_radix(&segment[at + 1..at + 3], 16).unwrap());
            at += 3;
        } else {
            decoded.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8(decoded).unwrap()
}
