using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Monitoring.Elasticsearch.Connection;

/// <summary>Reads certificates from PEM files.</summary>
internal static class CertificateFiles
{
    /// <summary>The authorities of a file.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="CryptographicException">It holds none.</exception>
    internal static X509Certificate2Collection ReadAuthorities(string path)
    {
        var found = new X509Certificate2Collection();
        found.ImportFromPemFile(path);
        return found.Count > 0 ? found : throw new CryptographicException("there is no certificate in it");
    }

    /// <summary>A certificate with its key.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="CryptographicException">They hold none, or do not belong together.</exception>
    internal static X509Certificate2 ReadWithKey(string path, string keyPath) =>
        X509Certificate2.CreateFromPemFile(path, keyPath.Length > 0 ? keyPath : path);

    /// <summary>Why a file cannot be used; null where it can.</summary>
    internal static string? Fault(Func<object> read)
    {
        try
        {
            (read() as IDisposable)?.Dispose();
            return null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            return fault.Message.TrimEnd('.');
        }
    }
}
