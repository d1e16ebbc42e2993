//! Messages of MCP and A2A and files of flows as values. No transport: who sends and reads them is
//! somebody else's business.

pub mod a2a;
pub mod flow_file;
pub mod json_rpc;
pub mod mcp;
pub mod skills;
mod sse;
pub mod tools;

pub use sse::SseReader;
