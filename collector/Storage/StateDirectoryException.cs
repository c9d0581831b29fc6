namespace Monitoring.Collector.Storage;

/// <summary>The state directory cannot be used; the message says why and what helps.</summary>
internal sealed class StateDirectoryException(string message, Exception inner) : Exception(message, inner)
{
    /// <summary>Opens what is kept in it.</summary>
    /// <param name="directory">The directory.</param>
    /// <param name="what">What is kept, in words.</param>
    /// <param name="open">Opens it.</param>
    /// <exception cref="StateDirectoryException">It cannot be used.</exception>
    public static T Opened<T>(string directory, string what, Func<T> open)
    {
        try
        {
            return open();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StateDirectoryException($"cannot keep {what} in {directory}: {exception.Message}. Make it writable for this user, end the other collector that uses it, or set another state_directory.", exception);
        }
    }
}
