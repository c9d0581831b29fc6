using System.Globalization;
using Monitoring.Simulator.State;

namespace Monitoring.Simulator.NodeProfiles;

/// <summary>
/// A kind of node to play: which driver, which GPUs, how they behave. Read from YAML in the format of the
/// k8s-test-infra NVML mock with the extensions that simulator/README.md describes.
/// </summary>
public sealed class NodeProfile
{
    private const int BusesPerGpu = 0x10;

    private readonly GpuState[] _templates;

    private NodeProfile(string name, ProfileDocument document)
    {
        Name = name;
        var root = document.Root;
        _ = root.Text("version", "1.0");
        ReadSystem(root.Section("system"));
        var defaults = root.Section("device_defaults");
        if (!defaults.Has("name")) defaults.Error("name", "the product name of the GPU, such as NVIDIA H100 80GB HBM3");
        var devices = new ProfileSection[StateFile.GpuLimit];
        foreach (var item in root.Items("devices"))
        {
            var index = item.UInt("index", 0, StateFile.GpuLimit - 1);
            if (index < devices.Length) devices[index] = item;
            else item.Error("index", $"a number from 0 to {StateFile.GpuLimit - 1}");
        }
        DescribedGpus = devices.Count(device => device is not null);
        _templates = new GpuState[StateFile.GpuLimit];
        var addresses = new (uint, uint, uint)[StateFile.GpuLimit];
        for (var index = 0; index < _templates.Length; index++)
        {
            var section = devices[index] is { } device ? device.Over(defaults) : defaults;
            ref var state = ref _templates[index];
            IdentityPart.Read(section, HeaderVersion, ref state);
            BusPart.Read(section, ref state);
            if (state.PciDomain == Absent.Value) (state.PciDomain, state.PciBus) = (0, FreeBus((uint)(0x0f + index * (BusesPerGpu - 1)), addresses));
            if (state.MinorNumber == Absent.Value) state.MinorNumber = (uint)index;
            ClocksPart.Read(section, ref state);
            PowerPart.Read(section, ref state);
            MemoryErrorsPart.Read(section, ref state);
            MigPart.Read(section, ref state);
            ProcessesPart.Read(section, ref state);
            FaultsPart.Read(section.Section("simulation"), ref state);
            addresses[index] = (state.PciDomain, state.PciBus, state.PciDevice);
        }
        for (var index = 0; index < _templates.Length; index++) LinksPart.Read(root, index, addresses, ref _templates[index]);
        Simulation = SimulationProfile.Read(defaults.Section("simulation"), _templates[0]);
        foreach (var (key, node) in document.Unread())
            if (key.Contains("simulation.", StringComparison.Ordinal)) document.Add(node, key, "present", "a key that simulator/README.md lists");
            else Unplayed = [.. Unplayed, $"{document.File}:{node.Start.Line}: {key}"];
        document.ThrowOnErrors();
    }

    /// <summary>Name of the profile: the file's name without its ending.</summary>
    public string Name { get; }

    /// <summary>Version of the simulated driver, such as 590.48.01.</summary>
    public string DriverVersion { get; private set; } = "";

    /// <summary>Product name of the GPUs.</summary>
    public string GpuName => StateText.Get(_templates[0].Name);

    /// <summary>How many GPUs the file describes one by one; more can be simulated.</summary>
    public int DescribedGpus { get; }

    /// <summary>Keys of the file that no reading follows from, as file:line: key.</summary>
    public IReadOnlyList<string> Unplayed { get; private set; } = [];

    internal string NvmlVersion { get; private set; } = "";

    internal uint HeaderVersion { get; private set; }

    internal uint FieldNumbering { get; private set; }

    internal uint CudaVersion { get; private set; }

    internal SimulationProfile Simulation { get; }

    /// <summary>Names of the profiles that come with the simulator.</summary>
    public static IReadOnlyList<string> BuiltIn { get; } = Directory.Exists(BuiltInDirectory)
        ? [.. Directory.EnumerateFiles(BuiltInDirectory, "*.yaml").Select(file => Path.GetFileNameWithoutExtension(file)!).Order(StringComparer.Ordinal)]
        : [];

    private static string BuiltInDirectory => Path.Combine(AppContext.BaseDirectory, "profiles");

    /// <summary>Loads a profile of the simulator by name, or a file by path.</summary>
    /// <exception cref="ProfileException">The profile does not exist or cannot be played; every error is listed.</exception>
    public static NodeProfile Load(string nameOrFile)
    {
        var file = BuiltIn.Contains(nameOrFile) ? Path.Combine(BuiltInDirectory, nameOrFile + ".yaml") : nameOrFile;
        if (!File.Exists(file))
            throw new ProfileException([$"profile is '{nameOrFile}', expected the path of a YAML file or one of {string.Join(", ", BuiltIn)}"]);
        return Parse(file, ProfileDocument.ReadFile(file));
    }

    /// <summary>Reads a profile from text; <paramref name="file"/> is named in errors.</summary>
    /// <exception cref="ProfileException">The text cannot be played; every error is listed.</exception>
    public static NodeProfile Parse(string file, string text) => new(Path.GetFileNameWithoutExtension(file), ProfileDocument.Parse(file, text));

    internal GpuState Template(int index) => _templates[index];

    /// <summary>The first bus from here on that no GPU before this one is on: no two GPUs share an address.</summary>
    private static uint FreeBus(uint bus, (uint Domain, uint Bus, uint Device)[] taken)
    {
        while (Array.Exists(taken, address => address == (0, bus, 0))) bus++;
        return bus;
    }

    private void ReadSystem(ProfileSection system)
    {
        DriverVersion = system.Text("driver_version", "590.48.01", 79);
        if (!DriverBranch.TryParse(DriverVersion, out var branch, out var minor))
        {
            system.Error("driver_version", "a driver version from 450, such as 590.48.01");
            (branch, minor) = (590, 48);
        }
        HeaderVersion = DriverBranch.Header(branch);
        FieldNumbering = DriverBranch.FieldNumbering(branch, minor);
        var cuda = system.Text("cuda_version", string.Create(CultureInfo.InvariantCulture, $"{HeaderVersion / 100}.{HeaderVersion % 100}"));
        _ = (system.UInt("cuda_version_major", 0), system.UInt("cuda_version_minor", 0));
        if (cuda.Split('.') is [var majorText, var minorText] && uint.TryParse(majorText, out var major) && uint.TryParse(minorText, out var minorPart))
            CudaVersion = major * 1000 + minorPart * 10;
        else system.Error("cuda_version", "a version like 12.4");
        NvmlVersion = system.Text("nvml_version", $"{cuda.Split('.')[0]}.{DriverVersion}", 79);
    }
}
