namespace Monitoring.Simulator.NodeProfiles;

/// <summary>A profile or scenario that cannot be played, with every reason: file, line, key, value, what is expected.</summary>
public sealed class ProfileException(IReadOnlyList<string> errors) : Exception(string.Join('\n', errors))
{
    /// <summary>One line per error.</summary>
    public IReadOnlyList<string> Errors { get; } = errors;
}
