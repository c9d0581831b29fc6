using System.Text;
using Monitoring.Agent.Devices.Files;
using Monitoring.Agent.Devices.Sockets;

namespace Monitoring.Agent.Capture.Profilers.Kineto;

/// <summary>
/// The names of the two ends. A client that is answered from a name of the other kind, or from a file outside the folder that it was told,
/// ends its whole process; so nobody is answered but clients of exactly the form that belongs to ours.
/// </summary>
internal sealed class KinetoAddresses
{
    private const string AgentName = "dynolog";
    private const string ClientName = "dynoconfigclient";

    // Abstract names of the protocol end in a 0 that counts.
    private const string End = "\0";

    private readonly string directory;
    private readonly byte[] clients;

    /// <param name="directory">Folder of the sockets; empty for the abstract namespace.</param>
    /// <param name="agentName">The agent's own name; other than the protocol's in tests alone, which share a machine with a real agent.</param>
    internal KinetoAddresses(string directory, string agentName = AgentName)
    {
        this.directory = directory;
        Agent = directory.Length == 0 ? DatagramAddress.Abstract(agentName + End) : DatagramAddress.File($"{directory}/{agentName}");
        clients = Encoding.UTF8.GetBytes(directory.Length == 0 ? "\0" + ClientName : $"{directory}/{ClientName}");
    }

    /// <summary>Where clients send to, and from where every answer comes.</summary>
    internal DatagramAddress Agent { get; }

    /// <summary>True for sockets that are files.</summary>
    internal bool AreFiles => directory.Length > 0;

    /// <summary>Whether the agent's name still leads to a socket.</summary>
    internal bool IsBound => !AreFiles || FileOwner.OfSocket(Agent.Path) is not null;

    /// <summary>Whether an answer to this address can only reach a client, and one that takes our name for right.</summary>
    internal bool IsClient(DatagramSender sender)
    {
        if (sender.Address is not { } address || address.IsAbstract != Agent.IsAbstract || !address.Name.StartsWith(clients)) return false;
        var rest = address.Name[clients.Length..];
        if (!AreFiles) return rest is [.. var name, 0] && IsIdentifier(name);
        // A link in the folder would lead the answer to somebody else's socket.
        return IsIdentifier(rest) && FileOwner.OfSocket(address.Path) == sender.Uid;
    }

    /// <summary>Removes what clients and an earlier life of the agent left in the folder.</summary>
    /// <returns>How many.</returns>
    internal int Sweep()
    {
        const int Most = 10_000; // more than a node starts between two looks
        if (!AreFiles) return 0;
        var removed = 0;
        try
        {
            foreach (var path in Directory.EnumerateFileSystemEntries(directory, ClientName + "*").Take(Most).ToArray())
            {
                if (FileOwner.OfSocket(path) is null || DatagramSocket.IsAnswered(DatagramAddress.File(path))) continue;
                File.Delete(path);
                removed++;
            }
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return removed;
        }
        return removed;
    }

    private static bool IsIdentifier(ReadOnlySpan<byte> name)
    {
        foreach (var character in name)
            if (!char.IsAsciiLetterOrDigit((char)character) && character != '-') return false;
        return name.Length is > 0 and <= 64;
    }
}
