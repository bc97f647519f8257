//! What several behaviours need to be tested: servers, samples.

pub mod redis;
pub mod sample;
