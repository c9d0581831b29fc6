namespace Monitoring.Agent.Detection.Rules.Files;

/// <summary>The rules that come with the agent.</summary>
internal static class ShippedRules
{
    private const string Resource = "shipped.yaml";

    /// <summary>The file as it is shipped; it carries the source of every threshold.</summary>
    internal static RuleText File { get; } = new(Resource, Read());

    private static string Read()
    {
        using var stream = typeof(ShippedRules).Assembly.GetManifestResourceStream(Resource) ?? throw new InvalidOperationException($"the program was built without {Resource}");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
