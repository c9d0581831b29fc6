namespace Monitoring.Contracts.Recordings;

/// <summary>A file cannot be played at all; the message completes a sentence that begins with its name.</summary>
public sealed class RecordingException(string message) : Exception(message);
