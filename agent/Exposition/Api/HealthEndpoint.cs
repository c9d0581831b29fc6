using System.Globalization;
using Monitoring.Agent.Detection;
using Monitoring.Agent.Detection.Health;
using Monitoring.Agent.Sampling;

namespace Monitoring.Agent.Exposition.Api;

/// <summary><c>GET /api/v1/health[?gpu=INDEX|UUID|ADDRESS][&amp;component=NAME]</c>: how the node, each GPU and each component is, and why.</summary>
internal static class HealthEndpoint
{
    internal static Task Answer(HttpContext context, LocalApi api)
    {
        if (LocalApiRoutes.UnknownParameter(context, "gpu", "component") is { } unknown) return LocalApiRoutes.Refuse(context, StatusCodes.Status400BadRequest, unknown);
        var (gpu, component) = (context.Request.Query["gpu"].ToString(), context.Request.Query["component"].ToString());
        if (component.Length > 0 && !Components.All.Contains(component))
            return LocalApiRoutes.Refuse(context, StatusCodes.Status400BadRequest, $"component is '{component}', expected one of {string.Join(", ", Components.All)}");

        var health = WithAges(api.Health.Current, api);
        if (component.Length > 0) health = Only(health, component);
        if (gpu.Length == 0) return LocalApiRoutes.Write(context, health, ApiJson.Readable.NodeHealth);

        if (health.Gpus.FirstOrDefault(known => IsNamed(known, gpu)) is not { } named)
            return LocalApiRoutes.Refuse(context, StatusCodes.Status404NotFound, $"gpu is '{gpu}', expected the index, UUID or PCI address of a GPU of this node: {Names(health.Gpus)}");
        return LocalApiRoutes.Write(context, health with { State = named.State, Components = [], Gpus = [named] }, ApiJson.Readable.NodeHealth);
    }

    private static bool IsNamed(GpuHealth gpu, string name) => new GpuSubject(gpu.Index ?? -1, gpu.Uuid, PciBusId: gpu.PciBusId).IsNamed(name);

    private static string Names(IReadOnlyList<GpuHealth> gpus) => gpus.Count == 0 ? "there are none" : string.Join(", ", gpus.Select(static gpu =>
        gpu.Index is { } index ? string.Create(CultureInfo.InvariantCulture, $"{index} ({gpu.Uuid})") : gpu.Uuid.Length > 0 ? gpu.Uuid : gpu.PciBusId));

    /// <summary>A component of the node and of every GPU, and the states without the others.</summary>
    private static NodeHealth Only(NodeHealth health, string component)
    {
        ComponentHealth[] components = [.. health.Components.Where(of => of.Component == component)];
        GpuHealth[] gpus =
        [
            .. from gpu in health.Gpus
               let kept = gpu.Components.Where(of => of.Component == component).ToArray()
               select gpu with { Components = kept, State = Worst(kept) },
        ];
        return health with { Components = components, Gpus = gpus, State = gpus.Select(static gpu => gpu.State).Append(Worst(components)).Max() };
    }

    private static HealthState Worst(IEnumerable<ComponentHealth> components) => components.Select(static component => component.State).DefaultIfEmpty().Max();

    private static NodeHealth WithAges(NodeHealth health, LocalApi api)
    {
        var ages = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var lane in api.Node.Lanes)
            if (lane is { Identity: { } identity, Sampler: { } sampler } && AgeOf(sampler, api) is { } age) ages[identity.Uuid] = age.TotalSeconds;
        return health with { Gpus = [.. health.Gpus.Select(gpu => gpu with { DataAgeSeconds = ages.TryGetValue(gpu.Uuid, out var age) ? Math.Round(age, 3) : null })] };
    }

    /// <summary>Age of the newest fast readings that hold a value; null for none.</summary>
    internal static TimeSpan? AgeOf(GpuSampler sampler, LocalApi api)
    {
        var series = sampler.Sets[0].Series;
        if (series.ReadAt(Tier.Fast) is var at && at == SeriesSet.Never) return null;
        // A GPU that answers every call with an error is read all the time, and nothing is known of it.
        for (var i = 0; i < series.FastCount; i++)
            if (!double.IsNaN(series.Value(i))) return api.Time.GetElapsedTime(at);
        return null;
    }
}
