namespace Monitoring.Tests.Architecture;

/// <summary>Which folder may use which: the picture of docs/architecture.md as a table. A new stage is a line here.</summary>
internal static class Stages
{
    /// <summary>Of each stage, the stages of its own process that it may use. Files beside the stages put them together and may use all.</summary>
    internal static IReadOnlyDictionary<string, string[]> MayUse { get; } = new Dictionary<string, string[]>
    {
        // The agent: the order of the data; a stage uses those before it.
        ["agent/Devices"] = [],
        ["agent/Sampling"] = ["Devices"],
        ["agent/Detection"] = ["Devices", "Sampling"],
        ["agent/Journal"] = ["Devices", "Sampling", "Detection"],
        ["agent/Capture"] = ["Devices", "Sampling", "Detection", "Journal"],
        ["agent/Attribution"] = ["Devices", "Sampling", "Detection", "Journal", "Capture"],
        ["agent/Shipping"] = ["Devices", "Sampling", "Detection", "Journal", "Capture", "Attribution"],
        ["agent/Exposition"] = ["Devices", "Sampling", "Detection", "Journal", "Capture", "Attribution", "Shipping"],
        ["agent/Hosting"] = ["Devices", "Sampling", "Detection", "Journal", "Capture", "Attribution", "Shipping", "Exposition"],

        // The collector: stores know nothing of who fills or reads them.
        ["collector/Series"] = [],
        ["collector/Fleet"] = ["Series"],
        ["collector/Events"] = ["Fleet"],
        ["collector/Captures"] = ["Fleet", "Events"],
        ["collector/Ingest"] = ["Series", "Fleet", "Events", "Captures"],
        ["collector/Exposition"] = ["Series", "Fleet"],
        ["collector/RemoteWrite"] = ["Series", "Fleet"],
        ["collector/Access"] = ["Fleet"],
        ["collector/Commands"] = ["Access", "Captures", "Events", "Fleet"],
        ["collector/Schedules"] = ["Access", "Commands", "Fleet"],
        ["collector/Query"] = ["Access", "Captures", "Commands", "Events", "Fleet", "Schedules", "Series"],
        ["collector/Console"] = ["Access", "Query"],
    };

    /// <summary>Of each project, the projects that it may reference; those not named here, such as tests, may reference all.</summary>
    internal static IReadOnlyDictionary<string, string[]> MayReference { get; } = new Dictionary<string, string[]>
    {
        ["contracts"] = [],
        ["settings"] = [],
        ["dropins"] = [],
        ["agent"] = ["contracts", "settings", "dropins"],
        ["collector"] = ["contracts", "settings", "dropins"],
        ["cli"] = ["contracts", "settings"],
        ["simulator"] = ["contracts", "settings"],
    };
}
