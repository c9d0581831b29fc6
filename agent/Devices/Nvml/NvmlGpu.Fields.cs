namespace Monitoring.Agent.Devices.Nvml;

internal sealed unsafe partial class NvmlGpu
{
    /// <summary>Scope of a field that has none, and of the NVLink fields' sum over every link.</summary>
    internal const uint AllLinks = uint.MaxValue;

    private readonly FieldBatch[] batches = [new(), new(), new()];
    private FieldBatch? batch;

    /// <summary>
    /// Starts a new instant of a tier and fetches, in one call, every field that was asked for in the tier's last instant.
    /// </summary>
    internal void BeginTick(int tier)
    {
        BeginTick();
        batch = batches[tier];
        var wanted = batch.Begin();
        if (wanted > 0 && Ask(NvmlCall.DeviceGetFieldValues))
            fixed (NvmlFieldValue* values = batch.Values)
                batch.Fetched(Told(NvmlImports.nvmlDeviceGetFieldValues(device, wanted, values)) ? NvmlReturn.Success : LastReturn);
    }

    private double Field(NvmlField field, uint scope = 0) => FieldById((uint)field, scope);

    private double FieldById(uint field, uint scope)
    {
        NvmlFieldValue value;
        if (batch is null || !batch.TryGet(field, scope, out value))
        {
            value = new NvmlFieldValue { FieldId = field, ScopeId = scope };
            if (!Ask(NvmlCall.DeviceGetFieldValues) || !Told(NvmlImports.nvmlDeviceGetFieldValues(device, 1, &value))) return double.NaN;
        }
        LastReturn = value.Return;
        if (value.Return == NvmlReturn.Success) return value.Value;
        if (!value.Return.IsAbsent) Errors.Count(value.Return);
        return double.NaN;
    }
}
