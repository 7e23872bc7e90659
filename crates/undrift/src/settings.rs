//! The surroundings of the process, read here once and handed down as values.

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};

use engine::Settings;

use crate::arguments::Global;

/// The variables of the process, as far as they are text.
pub(crate) fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// Returns what the engine needs to know of the process it runs in.
pub(crate) fn settings(global: &Global) -> std::io::Result<Settings> {
    let environment = environment();
    Ok(Settings {
        current_directory: std::env::current_dir()?,
        environment,
        schema: global.schema.clone(),
        config: global.config.clone(),
        url: global.url.clone(),
        // Here chance comes in: the seed of a fresh hasher is random.
        run: RandomState::new().hash_one(std::process::id()),
        env: global.env.clone(),
        ..Settings::default()
    })
}

/// The time, for what is stamped with it.
#[expect(clippy::disallowed_methods, reason = "the clock is read here and passed down")]
pub(crate) fn now() -> std::time::SystemTime {
    std::time::SystemTime::now()
}
