//! Foundry resources: agents, conversations and files.

pub mod agents;
pub mod metadata;
pub mod resource;
