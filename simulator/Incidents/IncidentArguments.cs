using System.Globalization;

namespace Monitoring.Simulator.Incidents;

/// <summary>Checked values of an incident's parameters.</summary>
public sealed class IncidentArguments
{
    private readonly Dictionary<string, string> _values;

    private IncidentArguments(Dictionary<string, string> values) => _values = values;

    internal double Number(string name) => double.Parse(_values[name], CultureInfo.InvariantCulture);

    internal int Whole(string name) => int.Parse(_values[name], CultureInfo.InvariantCulture);

    internal string Text(string name) => _values[name];

    /// <summary>Checks values against an incident's parameters; every error names parameter, value and expectation.</summary>
    internal static bool TryCreate(IncidentKind kind, IEnumerable<KeyValuePair<string, string>> values, out IncidentArguments arguments, out IReadOnlyList<string> errors)
    {
        var found = kind.Parameters.ToDictionary(parameter => parameter.Name, parameter => parameter.Default);
        var wrong = new List<string>();
        foreach (var (name, value) in values)
            if (kind.Parameters.FirstOrDefault(parameter => parameter.Name == name) is not { } parameter)
                wrong.Add($"{name} is not a parameter of {kind.Name}, expected {(kind.Parameters.Count == 0 ? "no parameters" : string.Join(", ", kind.Parameters.Select(known => known.Name)))}");
            else if (!parameter.Accepts(value)) wrong.Add($"{name} is '{value}', expected {parameter.Expected}");
            else found[name] = value;
        (arguments, errors) = (new IncidentArguments(found), wrong);
        return wrong.Count == 0;
    }
}
