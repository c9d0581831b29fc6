namespace Monitoring.Simulator.Incidents;

/// <summary>A kind of incident by name. Each registers itself in its own file.</summary>
public sealed class IncidentKind
{
    private static readonly SortedDictionary<string, IncidentKind> Kinds = new(StringComparer.Ordinal);

    private readonly Func<IncidentArguments, Incident> _create;

    private IncidentKind(string name, string summary, IReadOnlyList<IncidentParameter> parameters, Func<IncidentArguments, Incident> create)
    {
        Name = name;
        Summary = summary;
        Parameters = parameters;
        _create = create;
    }

    /// <summary>Name on the command line and in scenarios, such as thermal_throttle.</summary>
    public string Name { get; }

    /// <summary>What happens, in one sentence.</summary>
    public string Summary { get; }

    /// <summary>What can be chosen.</summary>
    public IReadOnlyList<IncidentParameter> Parameters { get; }

    /// <summary>All kinds by name.</summary>
    public static IReadOnlyCollection<IncidentKind> All => Kinds.Values;

    /// <summary>The kind with a name, or null.</summary>
    public static IncidentKind? Find(string name) => Kinds.GetValueOrDefault(name);

    internal static void Register(string name, string summary, IReadOnlyList<IncidentParameter> parameters, Func<IncidentArguments, Incident> create) =>
        Kinds.Add(name, new IncidentKind(name, summary, parameters, create));

    internal Incident Create(IncidentArguments arguments) => _create(arguments);
}
