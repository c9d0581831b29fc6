using System.Text.Json.Serialization;

namespace Monitoring.Agent.Doctor;

/// <summary>What a check came to, in rising order of concern.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Outcome>))]
internal enum Outcome
{
    /// <summary>Worth knowing; neither right nor wrong.</summary>
    [JsonStringEnumMemberName("information")] Information,

    [JsonStringEnumMemberName("ok")] Ok,

    /// <summary>Something is missing or will hurt some day; monitoring works.</summary>
    [JsonStringEnumMemberName("warning")] Warning,

    /// <summary>Something does not work.</summary>
    [JsonStringEnumMemberName("failure")] Failure,
}

/// <summary>One thing that a check saw.</summary>
/// <param name="Outcome">What it means.</param>
/// <param name="Saw">What was seen, and where.</param>
/// <param name="Fix">What to do about it; empty where nothing needs to be done.</param>
internal sealed record Finding(Outcome Outcome, string Saw, string Fix = "")
{
    internal static Finding Ok(string saw) => new(Outcome.Ok, saw);

    internal static Finding Information(string saw, string fix = "") => new(Outcome.Information, saw, fix);

    internal static Finding Warning(string saw, string fix) => new(Outcome.Warning, saw, fix);

    internal static Finding Failure(string saw, string fix) => new(Outcome.Failure, saw, fix);
}

/// <summary>One check of a node; a file of its own, and a line in <see cref="DoctorChecks"/>.</summary>
internal interface IDoctorCheck
{
    /// <summary>What it looks at.</summary>
    string Name { get; }

    /// <summary>Looks. It changes nothing, and what it cannot read is a finding, no exception.</summary>
    Task<IReadOnlyList<Finding>> LookAsync(DoctorNode node, CancellationToken stop);
}

/// <summary>A check that needs to wait for nobody.</summary>
internal abstract class DoctorCheck(string name) : IDoctorCheck
{
    public string Name => name;

    public Task<IReadOnlyList<Finding>> LookAsync(DoctorNode node, CancellationToken stop) => Task.FromResult<IReadOnlyList<Finding>>([.. Look(node)]);

    protected abstract IEnumerable<Finding> Look(DoctorNode node);
}
