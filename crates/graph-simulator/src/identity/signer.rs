//! The key that tokens are signed with, and the JSON Web Tokens made and read with it.

use std::collections::HashMap;
use std::sync::{Arc, RwLock};

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    KeyPair, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, RsaPublicKeyComponents,
    UnparsedPublicKey,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde_json::{Value, json};

use super::access_token::Claims;

/// The same key everywhere, so that every process with the same tenant takes the other's tokens.
/// It protects nothing: whoever has this crate has it.
const KEY: &[u8] = include_bytes!("signing_key.der");
/// Tokens whose signature is remembered as good.
const REMEMBERED: usize = 1_024;

/// Signs tokens and verifies its own.
#[derive(Debug)]
pub(crate) struct Signer {
    key: RsaKeyPair,
    id: String,
    /// A client sends one token thousands of times: its signature is verified once.
    verified: RwLock<HashMap<Box<str>, Arc<Claims>>>,
}

/// A JSON Web Token, read but not verified.
pub(super) struct Jwt<'a> {
    /// Header and payload as they were signed.
    pub(super) signed: &'a str,
    pub(super) header: Value,
    pub(super) claims: Value,
    pub(super) signature: Vec<u8>,
}

/// Why a token is not one of the signer's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadToken {
    Malformed,
    Signature,
}

impl Signer {
    pub(crate) fn new() -> Self {
        let key = RsaKeyPair::from_pkcs8(KEY).expect("the embedded key is an RSA key");
        let modulus = key.public_key().modulus();
        let id = digest(&SHA256, modulus.big_endian_without_leading_zero());
        let id = URL_SAFE_NO_PAD.encode(&id.as_ref()[..20]);
        Self { key, id, verified: RwLock::default() }
    }

    /// A signed token with these claims.
    pub(super) fn sign(&self, claims: &impl Serialize) -> String {
        let header = json!({ "typ": "JWT", "alg": "RS256", "x5t": self.id, "kid": self.id });
        let claims = serde_json::to_vec(claims).expect("claims have string keys");
        let mut token = URL_SAFE_NO_PAD.encode(header.to_string());
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(claims, &mut token);
        let mut signature = vec![0; self.key.public_modulus_len()];
        self.key
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), token.as_bytes(), &mut signature)
            .expect("the buffer is as long as the modulus");
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(signature, &mut token);
        token
    }

    /// The claims of a token of the signer's own.
    pub(crate) fn verify(&self, token: &str) -> Result<Arc<Claims>, BadToken> {
        const UNPOISONED: &str = "no code panics while it holds this lock";
        if let Some(claims) = self.verified.read().expect(UNPOISONED).get(token) {
            return Ok(Arc::clone(claims));
        }
        let jwt = Jwt::read(token).ok_or(BadToken::Malformed)?;
        if !self.signed(&jwt) {
            return Err(BadToken::Signature);
        }
        let claims: Claims = serde_json::from_value(jwt.claims).map_err(|_| BadToken::Malformed)?;
        let claims = Arc::new(claims);
        let mut verified = self.verified.write().expect(UNPOISONED);
        if verified.len() >= REMEMBERED {
            verified.clear();
        }
        verified.insert(token.into(), Arc::clone(&claims));
        Ok(claims)
    }

    /// Whether the signer signed a token.
    pub(super) fn signed(&self, jwt: &Jwt<'_>) -> bool {
        let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, self.key.public_key());
        jwt.header["alg"] == "RS256" && key.verify(jwt.signed.as_bytes(), &jwt.signature).is_ok()
    }

    /// The public key as a JSON Web Key Set.
    pub(super) fn key_set(&self) -> Value {
        let key = self.key.public_key();
        let n = URL_SAFE_NO_PAD.encode(key.modulus().big_endian_without_leading_zero());
        let e = URL_SAFE_NO_PAD.encode(key.exponent().big_endian_without_leading_zero());
        json!({ "keys": [{
            "kty": "RSA", "use": "sig", "alg": "RS256", "kid": self.id, "x5t": self.id, "n": n, "e": e,
        }]})
    }
}

impl<'a> Jwt<'a> {
    /// Reads the compact form.
    pub(super) fn read(token: &'a str) -> Option<Self> {
        let (signed, signature) = token.rsplit_once('.')?;
        let (header, claims) = signed.split_once('.')?;
        let json = |text: &str| {
            let value: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
            value.is_object().then_some(value)
        };
        Some(Self {
            signed,
            header: json(header)?,
            claims: json(claims)?,
            signature: URL_SAFE_NO_PAD.decode(signature).ok()?,
        })
    }

    /// A claim that is a text.
    pub(super) fn claim(&self, name: &str) -> &str {
        self.claims[name].as_str().unwrap_or_default()
    }

    /// Whether the audience, a text or a list of texts, contains one.
    pub(super) fn is_for(&self, mut audience: impl FnMut(&str) -> bool) -> bool {
        match &self.claims["aud"] {
            Value::String(one) => audience(one),
            Value::Array(all) => all.iter().filter_map(Value::as_str).any(audience),
            _ => false,
        }
    }

    /// Whether one of the keys of a JSON Web Key Set signed it, with RS256.
    pub(super) fn signed_by(&self, key_set: &Value) -> bool {
        let keys = key_set["keys"].as_array().map_or(&[][..], Vec::as_slice);
        let named = |key: &&Value| {
            self.header.get("kid").is_none() || key.get("kid") == self.header.get("kid")
        };
        self.header["alg"] == "RS256"
            && keys.iter().filter(named).any(|key| {
                let part = |name: &str| URL_SAFE_NO_PAD.decode(key[name].as_str()?).ok();
                let (Some(n), Some(e)) = (part("n"), part("e")) else { return false };
                RsaPublicKeyComponents { n, e }
                    .verify(&RSA_PKCS1_2048_8192_SHA256, self.signed.as_bytes(), &self.signature)
                    .is_ok()
            })
    }
}
