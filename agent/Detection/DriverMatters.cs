namespace Monitoring.Agent.Detection;

/// <summary>What an event of kind <c>driver</c> is about, as a detail: matters of their own are reasons of their own in health.</summary>
internal static class DriverMatters
{
    /// <summary>Name of the detail.</summary>
    internal const string Detail = "matter";

    /// <summary>The kernel module was loaded; it began with every GPU and the fabric as new.</summary>
    internal const string Loaded = "loaded";

    /// <summary>The kernel module is not there any more.</summary>
    internal const string Unloaded = "unloaded";

    /// <summary>The parts of the driver on this node do not fit each other.</summary>
    internal const string Versions = "versions";

    /// <summary>A program came with a library that does not fit the kernel module.</summary>
    internal const string ApiMismatch = "api_mismatch";

    /// <summary>Persistence mode of a GPU.</summary>
    internal const string Persistence = "persistence";
}
