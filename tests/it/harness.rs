//! What several behaviours need to be tested: servers, samples, the canary and its net.

pub mod browser;
pub mod canary;
pub mod gateway;
pub mod redis;
pub mod sample;
