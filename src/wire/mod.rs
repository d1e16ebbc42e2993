//! Messages of MCP and A2A as values. No transport: who sends them is somebody else's business.

pub mod a2a;
pub mod mcp;
mod sse;

pub use sse::SseReader;
