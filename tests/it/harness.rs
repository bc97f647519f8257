//! What several behaviours need to be tested: servers, samples, the canary and its net.

pub mod canary;
pub mod gateway;
pub mod process;
pub mod redis;
pub mod sample;
