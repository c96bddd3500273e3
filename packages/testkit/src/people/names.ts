/** Names of synthetic people, from many languages, as a city's clinic would see them. */

export const FEMALE_NAMES = [
  'Amara', 'Astrid', 'Beatriz', 'Carmen', 'Chiara', 'Dalia', 'Elena', 'Farida', 'Fatou', 'Grace', 'Hana', 'Helen', 'Imani', 'Ingrid', 'Jun', 'Katarzyna',
  'Leila', 'Linh', 'Lucia', 'Maeve', 'Marta', 'Mei', 'Miriam', 'Nadia', 'Noor', 'Olga', 'Priya', 'Rachel', 'Sofia', 'Tamar', 'Yuki', 'Zainab',
] as const

export const MALE_NAMES = [
  'Ahmed', 'Andrei', 'Arjun', 'Bram', 'Carlos', 'Daniel', 'David', 'Emeka', 'Erik', 'Felix', 'Gabriel', 'Hassan', 'Henrik', 'Ivan', 'James', 'Jorge',
  'Kenji', 'Kofi', 'Liam', 'Luca', 'Marek', 'Mateo', 'Minh', 'Nikola', 'Omar', 'Pavel', 'Rafael', 'Samuel', 'Tariq', 'Victor', 'Wei', 'Yusuf',
] as const

export const FAMILY_NAMES = [
  'Abara', 'Andersson', 'Baptiste', 'Bianchi', 'Campbell', 'Castillo', 'Chen', 'Cohen', 'Dang', 'Diallo', 'Eriksen', 'Farah', 'Fischer', 'Garcia', 'Haile', 'Horvat',
  'Ibrahim', 'Ivanova', 'Jensen', 'Kaplan', 'Kim', 'Kowalski', 'Larsen', 'Mensah', 'Meyer', 'Nakamura', 'Nguyen', 'Okonkwo', 'Oliveira', 'Patel', 'Petrov', 'Quinn',
  'Rossi', 'Santos', 'Schmidt', 'Silva', 'Singh', 'Suzuki', 'Tran', 'Turner', 'Vargas', 'Walsh', 'Weber', 'Yilmaz', 'Young', 'Zhang',
] as const
