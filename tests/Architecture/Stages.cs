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
        ["agent/Recordings"] = ["Devices", "Sampling", "Detection"],
        ["agent/Journal"] = ["Devices", "Sampling", "Detection"],
        ["agent/Capture"] = ["Devices", "Sampling", "Detection", "Journal"],
        ["agent/Attribution"] = ["Devices", "Sampling", "Detection", "Journal", "Capture"],
        ["agent/Shipping"] = ["Devices", "Sampling", "Detection", "Journal", "Capture", "Attribution"],
        ["agent/Exposition"] = ["Devices", "Sampling", "Detection", "Journal", "Capture", "Attribution", "Shipping"],
        ["agent/Hosting"] = ["Devices", "Sampling", "Detection", "Journal", "Capture", "Attribution", "Shipping", "Exposition"],
        // Beside the data's way: what a person starts.
        ["agent/Doctor"] = ["Devices", "Sampling", "Detection", "Recordings", "Journal", "Capture", "Attribution", "Shipping", "Exposition", "Hosting"],
        ["agent/Commands"] = ["Devices", "Sampling", "Detection", "Recordings", "Journal", "Capture", "Attribution", "Shipping", "Exposition", "Hosting", "Doctor"],

        // The collector: stores know nothing of who fills or reads them.
        ["collector/Series"] = [],
        ["collector/Storage"] = [],
        ["collector/Fleet"] = ["Series"],
        ["collector/Events"] = ["Fleet", "Storage"],
        ["collector/Logs"] = ["Fleet", "Storage"],
        ["collector/Captures"] = ["Fleet", "Storage", "Events"],
        ["collector/Ingest"] = ["Series", "Fleet", "Storage", "Events", "Logs", "Captures"],
        ["collector/Exposition"] = ["Series", "Fleet"],
        ["collector/RemoteWrite"] = ["Series", "Fleet"],
        ["collector/Access"] = ["Fleet"],
        ["collector/Commands"] = ["Access", "Captures", "Events", "Fleet"],
        ["collector/Schedules"] = ["Access", "Commands", "Fleet"],
        ["collector/Search"] = ["Captures", "Commands", "Events", "Fleet", "Logs"],
        ["collector/Query"] = ["Access", "Captures", "Commands", "Events", "Fleet", "Logs", "Schedules", "Search", "Series", "Storage"],
        ["collector/Pages"] = ["Access", "Captures", "Events", "Fleet", "Logs", "Query"],
    };

    /// <summary>Of each project, the projects that it may reference; those not named here, such as tests, may reference all.</summary>
    internal static IReadOnlyDictionary<string, string[]> MayReference { get; } = new Dictionary<string, string[]>
    {
        ["contracts"] = [],
        ["settings"] = [],
        ["dropins"] = ["elasticsearch"],
        ["segments"] = [],
        ["elasticsearch"] = ["segments", "settings"],
        ["dashboards"] = ["contracts"],
        ["agent"] = ["contracts", "segments", "settings", "elasticsearch", "dropins"],
        ["collector"] = ["contracts", "segments", "settings", "elasticsearch", "dropins"],
        ["cli"] = ["contracts", "settings"],
        ["simulator"] = ["contracts", "settings"],
    };
}
