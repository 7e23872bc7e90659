//! A secret for the time a program runs: whoever shows it was told it.

use std::fmt::{self, Write as _};

use ring::hmac;
use ring::rand::{SecureRandom as _, SystemRandom};

use crate::Error;

/// A random token. Its `Debug` does not show it.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// Makes one of 256 bits.
    ///
    /// # Errors
    /// When the system gives no random numbers.
    pub fn random() -> Result<Self, Error> {
        let mut bytes = [0; 32];
        let filled = SystemRandom::new().fill(&mut bytes);
        filled.map_err(|_| Error::Usage("the system gives no random numbers".to_owned()))?;
        let digits = bytes.iter().fold(String::new(), |mut digits, byte| {
            let _ = write!(digits, "{byte:02x}");
            digits
        });
        Ok(Self(digits))
    }

    /// The digits, for whoever is to show them.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether what was shown is the token, told in the same time whatever is wrong with it.
    pub fn is(&self, shown: &str) -> bool {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.0.as_bytes());
        let own = hmac::sign(&key, self.0.as_bytes());
        hmac::verify(&key, shown.as_bytes(), own.as_ref()).is_ok()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token")
    }
}

#[cfg(test)]
mod tests {
    use super::Token;

    #[test]
    fn only_the_token_is_the_token() {
        let token = Token::random().unwrap();
        assert!(token.is(token.reveal()));
        assert!(!token.is("") && !token.is(Token::random().unwrap().reveal()));
        assert!(!format!("{token:?}").contains(token.reveal()));
    }
}
