using Monitoring.Agent.Sampling;

namespace Monitoring.Agent.Exposition.Api;

/// <summary><c>GET /api/v1/gpus</c>: who the GPUs are, and their newest fast readings.</summary>
internal static class GpusEndpoint
{
    internal static Task Answer(HttpContext context, LocalApi api)
    {
        if (LocalApiRoutes.UnknownParameter(context) is { } unknown) return LocalApiRoutes.Refuse(context, StatusCodes.Status400BadRequest, unknown);
        GpuState[] gpus =
        [
            .. from lane in api.Node.Lanes
               let gpu = lane.Identity
               let sampler = lane.Sampler
               where gpu is not null && sampler is not null
               select new GpuState(gpu.Index, gpu.Uuid, gpu.Model, gpu.Architecture, gpu.Serial, gpu.PciBusId, gpu.Vbios, sampler.Sets.Length - 1,
                   HealthEndpoint.AgeOf(sampler, api) is { } age ? Math.Round(age.TotalSeconds, 3) : null, Readings(sampler.Sets[0], api)),
        ];
        var trouble = api.Node.Trouble is { Length: > 0 } said ? said : null;
        return LocalApiRoutes.Write(context, new GpuList(api.Node.DriverVersion, api.Node.CudaVersion, trouble, gpus), ApiJson.Readable.GpuList);
    }

    private static Dictionary<string, double> Readings(SampledSet set, LocalApi api)
    {
        var readings = new Dictionary<string, double>(StringComparer.Ordinal);
        if (!api.Freshness.IsFresh(set.Series, Tier.Fast)) return readings;
        for (var i = 0; i < set.Series.FastCount; i++)
            if (set.Series.Value(i) is var value && !double.IsNaN(value)) readings[set.Layout.Series[i].ToString()] = value;
        return readings;
    }
}
