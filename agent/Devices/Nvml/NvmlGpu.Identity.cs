namespace Monitoring.Agent.Devices.Nvml;

internal sealed unsafe partial class NvmlGpu
{
    private const int TextLength = 96; // NVML_DEVICE_NAME_V2_BUFFER_SIZE and NVML_DEVICE_UUID_V2_BUFFER_SIZE, the longest of them

    private GpuIdentity ReadIdentity(int index)
    {
        var text = stackalloc byte[TextLength];
        return new GpuIdentity(
            index,
            Uuid: Ask(NvmlCall.DeviceGetUUID) && Told(NvmlImports.nvmlDeviceGetUUID(device, text, TextLength)) ? Text(text) : "",
            Model: Ask(NvmlCall.DeviceGetName) && Told(NvmlImports.nvmlDeviceGetName(device, text, TextLength)) ? Text(text) : "",
            Architecture: Ask(NvmlCall.DeviceGetArchitecture) && Told(NvmlImports.nvmlDeviceGetArchitecture(device, out var architecture)) ? ArchitectureName(architecture) : "",
            Vbios: Ask(NvmlCall.DeviceGetVbiosVersion) && Told(NvmlImports.nvmlDeviceGetVbiosVersion(device, text, TextLength)) ? Text(text) : "",
            Serial: Ask(NvmlCall.DeviceGetSerial) && Told(NvmlImports.nvmlDeviceGetSerial(device, text, TextLength)) ? Text(text) : "",
            BoardPart: Ask(NvmlCall.DeviceGetBoardPartNumber) && Told(NvmlImports.nvmlDeviceGetBoardPartNumber(device, text, TextLength)) ? Text(text) : "",
            PciBusId: ReadPciBusId(),
            Inforom: Ask(NvmlCall.DeviceGetInforomImageVersion) && Told(NvmlImports.nvmlDeviceGetInforomImageVersion(device, text, TextLength)) ? Text(text) : "");
    }

    private string ReadPciBusId() =>
        Ask(NvmlCall.DeviceGetPciInfo_v3) && Told(NvmlImports.nvmlDeviceGetPciInfo_v3(device, out var pci))
            ? NvmlLibrary.Text(pci.BusId, 32) : "";

    /// <summary>nvmlDeviceArchitecture_t; a number for one that is newer than this agent.</summary>
    private static string ArchitectureName(uint architecture) => architecture switch
    {
        2 => "kepler",
        3 => "maxwell",
        4 => "pascal",
        5 => "volta",
        6 => "turing",
        7 => "ampere",
        8 => "ada",
        9 => "hopper",
        10 => "blackwell",
        13 => "rubin",
        uint.MaxValue => "",
        _ => $"architecture_{architecture}",
    };

    private static string Text(byte* text) => NvmlLibrary.Text(text, TextLength);
}
